import { type LocalSecrets } from "./secrets.js";

/** The made-up portfolio, app and credit line under which the local Meta knows us. */
export const localMeta = {
  appId: "1029384756473829",
  businessId: "410925736184205",
  creditLineId: "520036847295316",
} as const;
export const localStripeWebhookSecret = (secrets: LocalSecrets): string =>
  `whsec_${secrets.metaVerifyToken.slice(-16)}${secrets.stripeApiKey.slice(-16)}`;

export interface Addresses {
  readonly mongoUri: string;
  readonly port: number;
  readonly metaUrl: string;
  readonly stripeUrl: string;
  readonly databasePrefix: string;
  readonly logLevel: string;
  /** Where messages to people are written; default: the service's own. */
  readonly mailFolder?: string;
}

/** The environment of a platform on this machine: the same variables that a deployment sets, pointing at the local providers. */
export const localEnvironment = (secrets: LocalSecrets, at: Addresses): Readonly<Record<string, string>> => ({
  MONGODB_URI: at.mongoUri,
  DATABASE_PREFIX: at.databasePrefix,
  HOST: "127.0.0.1",
  PORT: String(at.port),
  LOG_LEVEL: at.logLevel,
  ...(at.mailFolder !== undefined && { MAIL_URL: `file:${at.mailFolder}` }),
  MASTER_KEY: secrets.masterKey,
  CALL_SECRET: secrets.callSecret,
  META_GRAPH_URL: at.metaUrl,
  META_SANDBOX_GRAPH_URL: at.metaUrl,
  META_APP_ID: localMeta.appId,
  META_APP_SECRET: secrets.metaAppSecret,
  META_APP_SECRETS: secrets.metaAppSecret,
  META_SYSTEM_TOKEN: secrets.metaSystemToken,
  META_BUSINESS_ID: localMeta.businessId,
  META_CREDIT_LINE_ID: localMeta.creditLineId,
  META_OWN_IDS: `${localMeta.businessId},${localMeta.appId}`,
  META_WEBHOOK_VERIFY_TOKEN: secrets.metaVerifyToken,
  WEBHOOK_ALLOW_PRIVATE: "true",
  STRIPE_SECRET_KEY: secrets.stripeApiKey,
  STRIPE_API_URL: at.stripeUrl,
  STRIPE_WEBHOOK_SECRETS: localStripeWebhookSecret(secrets),
});
