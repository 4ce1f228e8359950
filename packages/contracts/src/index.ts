import * as billing from "./billing.js";
import * as consent from "./consent.js";
import * as dataSubject from "./data-subject.js";
import { type EventDefinition } from "./define.js";
import * as endpoint from "./endpoint.js";
import * as onboarding from "./onboarding.js";
import * as people from "./people.js";
import * as replayed from "./replayed.js";
import * as template from "./template.js";
import * as tenant from "./tenant.js";
import * as webhook from "./webhook.js";

export * from "./define.js";
export * from "./oidc.js";
export * from "./standing.js";
export * from "./tenant.js";
export * from "./people.js";
export * from "./consent.js";
export * from "./data-subject.js";
export * from "./onboarding.js";
export * from "./template.js";
export * from "./webhook.js";
export * from "./replayed.js";
export * from "./billing.js";
export * from "./endpoint.js";
export * from "./feed.js";
export * from "./ledger-export.js";
export * from "./published/index.js";

const isDefinition = (value: unknown): value is EventDefinition =>
  typeof value === "object" && value !== null && "stream" in value && "version" in value;

/** Every event that crosses services, in one list: the catalogue. */
export const eventCatalogue: readonly EventDefinition[] = [
  tenant,
  people,
  consent,
  dataSubject,
  onboarding,
  template,
  webhook,
  replayed,
  billing,
  endpoint,
].flatMap((module) => Object.values(module).filter(isDefinition));
