// One store for the whole run: the one MONGODB_URI names, unchanged, or one of our own (STORE chooses which) on a free
// port with data in a temporary folder. Test files find it through GREENTICK_TEST_STORE_URI. If jest is killed, the store's process ends too.
const { mkdtempSync, readdirSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const buildStore = require("./build-store.cjs");

const PREFIX = "greentick-test-store-";

/** A run that was killed could not remove its folder; the next one does. Folders are named after their process. */
function sweep() {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names.filter((one) => !lives(Number.parseInt(one.slice(PREFIX.length), 10)))) {
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const say = (fields, sentence) => process.stderr.write(`${sentence} ${JSON.stringify(fields)}\n`);

module.exports = async function globalSetup() {
  const { openStore } = require(buildStore());
  sweep();
  const { MONGODB_URI: uri, STORE: force, STORE_DOWNLOAD } = process.env;
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const log = { info: () => undefined, warn: say, error: say };
  const store = await openStore({ uri, force, download: STORE_DOWNLOAD === "1", dataDir, log });
  process.env.GREENTICK_TEST_STORE_URI = store.uri;
  globalThis.stopTestStore = async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
};
