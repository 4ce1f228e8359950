export { BillingConfig } from "./config.js";
export { type BillingService, buildBillingService } from "./service.js";
