import { Webhook } from "standardwebhooks";
import { type Sign } from "../../ports/outgoing.js";

/** `webhook-signature` of Standard Webhooks: one `v1,…` for each secret, so that a receiver may hold the old or the new one. */
export const standardSignature: Sign = (secrets, { id, at, body }) =>
  secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" ");
