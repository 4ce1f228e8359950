// npm run schema: writes services/*/schema.graphql and gateway/supergraph.graphql; with --check it only compares.
import { prepare } from "./prepare.mjs";

prepare();
await import("../../gateway/dist/schemas/main.js");
