// npm run demo: the story from two new clients to a reconciled month, on a platform of its own that leaves nothing behind.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../gateway/dist/demo/main.js");
