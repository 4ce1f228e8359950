export { isObject, type JsonObject, type JsonValue } from "./json.js";
export { type ExactJson, isExactNumber, parseExactly, writeExactly } from "./exact-json.js";
export { parseWebhook } from "./webhook.js";
export { priceRecipient, type PriceRecipient } from "./status-update.js";
export * from "./webhook-types.js";
export * from "./words.js";
export { appSecretProof, signBody, verifySignature } from "./signature.js";
export { metaClient, type MetaClient } from "./client.js";
export { type MetaClientOptions, type MetaLog, type RetryOptions } from "./graph.js";
export { MetaError, retryClassOf, type MetaErrorFacts, type RetryClass } from "./errors.js";
export { isMissing, type AccessCalls, type AppWebhook, type TokenFacts } from "./access.js";
export { type CreditAllocation, type CreditShare, type WabaCalls, type WabaFacts } from "./waba.js";
export { type BadgeApplication, type BadgeFacts, type PhoneCalls, type PhoneNumberFacts } from "./phone.js";
export { type CreatedTemplate, type NewTemplate, type TemplateCalls, type TemplateFacts } from "./template.js";
export {
  readInvoiceLines,
  type AnalyticsDimension,
  type AnalyticsPoint,
  type ChargeCalls,
  type InvoiceFacts,
  type InvoiceLine,
} from "./charges.js";
export { ianaZoneOf, metaZones } from "./zones.js";
