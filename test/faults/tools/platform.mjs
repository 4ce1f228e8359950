// A platform in a process of its own, for the harness that kills it. Its one argument says in JSON where its data lies, which ports it takes and when
// its clocks start. Prints one line of JSON when it is ready. On stdin `{"arm":"<point>:<n>"}` ends the process as kill -9 would, the n-th time
// from now on that it gets to that fault point; `{"disarm":true}` takes it back; `{"hits":true}` is answered by how often it got to each point.
// It ends with whoever started it.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { startLocal } from "@greentick/gateway";
import { faultPoints, onFaultPoint } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";

const { dataDir, port, clock, env } = JSON.parse(process.argv[2]);
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

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const said = JSON.parse(line);
    if (said.arm !== undefined) arm(said.arm);
    if (said.disarm === true) armed = undefined;
    if (said.hits === true) process.stdout.write(`${JSON.stringify({ hits })}\n`);
  })
  .on("close", () => process.exit(0));

const local = await startLocal({
  dataDir,
  port,
  fresh: false,
  clock: new Date(clock),
  seed: 1,
  log: silentLog,
  logLevel: "error",
  store: {},
  env,
});
const { controlUrl, store, target, url } = local;
const { graphqlUrl, metaUrl, stripeUrl, tokens } = target;
process.stdout.write(
  `${JSON.stringify({ ready: { url, controlUrl, storeUri: store.uri, graphqlUrl, metaUrl, stripeUrl, tokens } })}\n`,
);
