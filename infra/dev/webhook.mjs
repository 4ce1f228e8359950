// npm run webhook -- <file>: signs a body as Meta or Stripe would and posts it to the platform that npm start runs.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const script = fileURLToPath(new URL("../../gateway/dist/local/by-hand/main.js", import.meta.url));
// A platform that runs was built before it started, so nothing is built again for each post.
if (!existsSync(script)) prepare();
await import(script);
