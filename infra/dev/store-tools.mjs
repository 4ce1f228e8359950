// What the store:* commands share: the store the environment selects, and the way they speak and end.
import { join } from "node:path";
import { parseArgs } from "node:util";
import store from "../../packages/runtime/dist/store/index.js";

const say = (fields, sentence) => process.stderr.write(`${sentence} ${JSON.stringify(fields)}\n`);
const log = { info: () => undefined, warn: say, error: say };

/** The folder `npm start` keeps its data in, unless --data names another one. */
const dataDir = ".greentick";

/** Opens the selected store, hands it to `use`, closes it. Prints one sentence and exits with 1 when something fails. */
export async function withStore(folder, use) {
  const { MONGODB_URI: uri, STORE: force, STORE_DOWNLOAD } = process.env;
  try {
    const opened = await store.openStore({ uri, force, download: STORE_DOWNLOAD === "1", dataDir: folder, log });
    process.stderr.write(`${opened.describe}\n`);
    await use(opened).finally(() => opened.close());
  } catch (error) {
    process.stderr.write(`${error instanceof store.StoreError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}

/** `<folder>` and `--data <folder>`: exports and imports name a folder of files; --data is where `npm start` keeps its data, its store among it. */
export function foldersOf(usage) {
  const { values, positionals } = parseArgs({ options: { data: { type: "string" } }, allowPositionals: true });
  if (positionals.length === 1) return { files: positionals[0], data: join(values.data ?? dataDir, "store") };
  process.stderr.write(`usage: ${usage} <folder> [--data <data folder>]\n`);
  process.exit(2);
}

export const { checkStore, exportStore, importStore } = store;
