// npm run bench -- <name> [--json]: measures one thing on a platform of its own and prints the figures.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../gateway/dist/bench/main.js");
