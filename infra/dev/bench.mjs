// npm run bench -- <name> [--json]: measures one thing and prints the figures. Rating is measured without a platform around it.
import { prepare } from "./prepare.mjs";

prepare();
await import(
  process.argv[2] === "rating" ? "../../services/billing/dist/bench/main.js" : "../../gateway/dist/bench/main.js"
);
