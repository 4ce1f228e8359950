export { BillingConfig } from "./config.js";
export { buildBillingService } from "./service.js";
