// Writes every database of the selected store to a new folder, to move it to another MongoDB. Stop the platform first.
import { exportStore, foldersOf, withStore } from "./store-tools.mjs";

const { files, data } = foldersOf("npm run store:export --");
await withStore(data, async ({ uri }) => console.table(await exportStore(uri, files)));
