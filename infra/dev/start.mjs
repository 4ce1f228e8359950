// npm start: the whole platform on this machine, with everything it needs.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../gateway/dist/local/main.js");
