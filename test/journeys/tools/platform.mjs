// A platform of its own in a process of its own, for tests that kill it. Its one argument says in JSON where its data lies, which ports it takes, when
// its clocks start, and `fault`: "<point>:<n>" ends the process as kill -9 would, the n-th time it gets to that fault point. Prints one line of JSON
// when it is ready. It ends with whoever started it.
import { startLocal } from "@greentick/gateway";
import { faultPoints, onFaultPoint } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";

const { dataDir, port, clock, fault } = JSON.parse(process.argv[2]);

if (fault !== undefined) {
  const [point, times] = fault.split(":");
  if (!(point in faultPoints))
    throw new Error(`There is no fault point ${point}: ${Object.keys(faultPoints).join(", ")}.`);
  let left = Number(times);
  onFaultPoint((name) => {
    if (name === point && --left === 0) process.kill(process.pid, "SIGKILL");
  });
}

process.stdin.on("end", () => process.exit(0)).resume();

const local = await startLocal({
  dataDir,
  port,
  fresh: false,
  clock: new Date(clock),
  seed: 1,
  log: silentLog,
  logLevel: "error",
  store: {},
});
const { controlUrl, store, target } = local;
const { graphqlUrl, metaUrl, stripeUrl, tokens } = target;
process.stdout.write(
  `${JSON.stringify({ controlUrl, storeUri: store.uri, graphqlUrl, metaUrl, stripeUrl, tokens })}\n`,
);
