// npm run crosscheck: has a second, deliberately simple rater price drawn facts beside the first one, and counts where they differ.
// With --json exactly one object on stdout; ends with 1 when they differ.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../services/billing/dist/crosscheck/main.js");
