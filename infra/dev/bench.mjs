// npm run bench -- <name>: measures one thing on a platform of its own and prints the figures as JSON.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../gateway/dist/bench/main.js");
