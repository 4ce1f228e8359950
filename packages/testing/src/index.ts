export { type TestDatabase, testDatabase } from "./store.js";
export { type CallerOptions, type ServiceWorld, serviceWorld, someTenants } from "./outside.js";
export { aTenantCreated, anEvent } from "./events.js";
export { type OidcAnswer, type OidcIssuer, oidcIssuer } from "./oidc-issuer.js";
export {
  aDefinition,
  aNote,
  type BenchBus,
  type BusBench,
  busBench,
  type Noted,
  type Recorder,
  recorder,
  until,
} from "./bus-bench.js";
export { authenticatorCode, mailedLink } from "./people.js";
