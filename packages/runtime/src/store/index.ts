export { checkStore, type CheckRow } from "./check.js";
export { type EmbeddedOptions, type EmbeddedStore, startEmbedded } from "./embedded.js";
export { openStore } from "./open-store.js";
export { type Store, StoreError, type StoreKind, type StoreLog, type StoreOptions, type StoreReason } from "./store.js";
export { exportStore, importStore, type Moved } from "./transfer.js";
export { writtenOut } from "./written-out.js";
