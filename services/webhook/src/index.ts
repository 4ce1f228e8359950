export { WebhookConfig } from "./config.js";
export { buildWebhookService } from "./service.js";
