import Table from "cli-table3";
import { type LocalPlatform } from "./local-platform.js";

const plain = { head: [], border: [] };

/** What a person needs after the start: where to ask, who to be, how to post a webhook by hand, where the data lies, how to stop. */
export function startTable(
  local: LocalPlatform,
  facts: {
    readonly dataDir: string;
    readonly ready: string;
    readonly clients: readonly { readonly name: string; readonly token: string }[];
  },
): string {
  const addresses = new Table({ style: plain, colWidths: [26, 92], wordWrap: true });
  addresses.push(
    ["GraphQL", `${local.url}/graphql`],
    ["Explorer", `${local.url}/explorer`],
    ["Health, metrics", `${local.url}/healthz  ${local.url}/readyz  ${local.url}/metrics`],
    [
      "Meta's webhooks",
      `POST ${local.url}/webhooks/meta\nX-Hub-Signature-256: sha256=HMAC-SHA256(body) under app secret ${local.secrets.metaAppSecret}`,
    ],
    ["Stripe's webhooks", `POST ${local.url}/webhooks/stripe\nsigning secret ${local.stripeWebhookSecret}`],
    ["Local Meta", local.meta.url],
    ["Local Stripe", `${local.stripe.url}  key ${local.secrets.stripeApiKey}`],
    ["Move the sandbox clock", `curl -X POST ${local.controlUrl}/clock -d '{"now":"2026-12-04T00:00:00Z"}'`],
    ["Data", `${facts.dataDir}\n${local.store.describe}`],
    ["Stop", "Ctrl-C; data stays. `npm start -- --fresh` begins again."],
  );
  const tokens = [
    ...local.people.map(({ role, name, token }) => ({ who: `${role} (${name})`, token })),
    ...facts.clients.map(({ name, token }) => ({ who: name, token })),
  ];
  const lines = tokens.map(({ who, token }) => `${who}\n  ${token}`);
  return `\nGreentick is running (${facts.ready}).\n${addresses.toString()}\n\nSign-in tokens, good for 24 hours (header \`Authorization: Bearer …\`):\n\n${lines.join("\n")}\n`;
}
