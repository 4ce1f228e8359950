import { runServiceAlone } from "@greentick/graphql";
import { buildWebhookService, WebhookConfig } from "./index.js";

void runServiceAlone({ name: "webhook", config: WebhookConfig, build: buildWebhookService, env: process.env });
