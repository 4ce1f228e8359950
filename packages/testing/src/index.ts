export { type TestDatabase, testDatabase } from "./store.js";
export { type CallerOptions, type ServiceWorld, serviceWorld, someTenants } from "./outside.js";
export { aTenantCreated, anEvent } from "./events.js";
export { type OidcAnswer, type OidcIssuer, oidcIssuer } from "./oidc-issuer.js";
export {
  aDefinition,
  aNote,
  type BenchBus,
  benchStream,
  type BusAdapter,
  type BusBench,
  busBench,
  type Noted,
} from "./bus-bench.js";
export { busContract, turnsContract } from "./bus-contract/index.js";
export { firstSeenOutOfOrder } from "./bus-contract/sharing.js";
export { caughtUp, keeping, numberOf, table } from "./bus-contract/tools.js";
export { type NatsServer, natsServer } from "./nats-server.js";
export { type Recorder, recorder, until } from "./recorder.js";
export { authenticatorCode, mailedLink } from "./people.js";
export { type JsonFile, jsonTestSuite, naughtyStrings } from "./strange-input.js";
export { fieldsOf, type Mutation, mutationsOf } from "./mutations.js";
