// A platform in a process of its own, for the harness that kills it. It loads everything, says `{"warm":true}`, and waits for one line of JSON that says
// where its data lies, where its store answers, which ports it takes, when its clocks start, and which guard it has to do without. Prints
// `{"ready":…}` when it answers. Then it hears, line by line:
//   {"arm":"<point>:<n>"}  it ends as kill -9 would, the n-th time from now on that it gets to that fault point
//   {"disarm":true}        not any more
//   {"hits":true}          answered by how often it got to each point
//   {"ahead":<ms>}         its system clock is so much ahead of the machine's, or behind it
// It ends with whoever started it.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setAhead } from "./system-clock.mjs";

const { startLocal } = await import("@greentick/gateway");
const { faultPoints, onFaultPoint } = await import("@greentick/kernel");
const { silentLog } = await import("@greentick/runtime");
const { removeGuard } = await import("./guards.mjs");

const hits = {};
let armed;

onFaultPoint((name) => {
  hits[name] = (hits[name] ?? 0) + 1;
  if (armed?.point !== name) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  writeSync(1, `${JSON.stringify({ hits, died: name })}\n`);
  process.kill(process.pid, "SIGKILL");
});

function arm(text) {
  const [point, times] = text.split(":");
  if (!(point in faultPoints))
    throw new Error(`There is no fault point ${point}: ${Object.keys(faultPoints).join(", ")}.`);
  armed = { point, left: Number(times) };
}

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

async function begin({ dataDir, storeUri, port, clock, env, fault, ahead = 0, without }) {
  setAhead(ahead);
  if (without !== undefined) removeGuard(without, () => armed !== undefined);
  if (fault !== undefined) arm(fault);
  const { controlUrl, stripeWebhookSecret, target, url } = await startLocal({
    dataDir,
    port,
    fresh: false,
    clock: new Date(clock),
    seed: 1,
    log: silentLog,
    logLevel: "error",
    store: { uri: storeUri },
    env,
  });
  const { graphqlUrl, metaUrl, stripeUrl, tokens } = target;
  say({ ready: { url, controlUrl, stripeWebhookSecret, graphqlUrl, metaUrl, stripeUrl, tokens } });
}

async function hear(said) {
  if (said.begin !== undefined) await begin(said.begin);
  if (said.arm !== undefined) arm(said.arm);
  if (said.disarm === true) armed = undefined;
  if (said.ahead !== undefined) setAhead(said.ahead);
  if (said.hits === true) say({ hits });
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    hear(JSON.parse(line)).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    });
  })
  .on("close", () => process.exit(0));
say({ warm: true });
