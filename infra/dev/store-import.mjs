// Reads what store:export wrote into the selected store, which must be empty.
import { foldersOf, importStore, withStore } from "./store-tools.mjs";

const { files, data } = foldersOf("npm run store:import --");
await withStore(data, async ({ uri }) => console.table(await importStore(uri, files)));
