export { WebhookConfig } from "./config.js";
export { buildWebhookService, type WebhookService } from "./service.js";
