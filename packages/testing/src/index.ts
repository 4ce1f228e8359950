export { type TestDatabase, testDatabase } from "./store.js";
export { type CallerOptions, type ServiceWorld, serviceWorld, someTenants } from "./outside.js";
export { aTenantCreated, anEvent } from "./events.js";
