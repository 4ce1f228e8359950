// A process of its own that runs one consumer over the built runtime, tells on stdout which events it handled, and kills itself in the middle
// of the poisonous one.
const { randomBytes } = require("node:crypto");
const { writeSync } = require("node:fs");
const { callFactory, connectDatabase, mongoBus, natsBus, silentLog, storedClocks } = require("@greentick/runtime");

const { mongoUri, database, natsUrl, stream, consumer, poison } = JSON.parse(process.argv[2]);

async function main() {
  const { db } = await connectDatabase(mongoUri, database);
  const clocks = storedClocks(db);
  const calls = callFactory({ clocks, randomBytes, log: silentLog });
  const tries = { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 };
  const patience = { usual: tries, provider: tries, deliveries: 1 };
  const parts = { db, clocks, calls, log: silentLog, leaseMs: 1_000, recordLeaseMs: 1_000, patience };
  const bus =
    natsUrl === undefined ? await mongoBus(parts) : await natsBus({ ...parts, url: natsUrl, stream: "bench" });
  const handle = async (_, { data }) => {
    if (data.n === poison) process.kill(process.pid, "SIGKILL");
    writeSync(1, `${data.n}\n`);
  };
  const event = { type: `${stream}.noted`, version: 1, stream, meaning: "" };
  await bus.consume({ name: consumer, on: [{ event, handle }] });
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
