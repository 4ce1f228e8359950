import { createHmac } from "node:crypto";
import { ask } from "@greentick/gateway";

/** Where to look, and as whom; all of it printed by a start. */
export interface Place {
  readonly graphqlUrl: string;
  readonly metaUrl: string;
  readonly stripeUrl: string;
  readonly stripeApiKey: string;
  readonly tokens: Readonly<Record<string, string>>;
}

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Answer {
  readonly tenants: { readonly nodes: readonly Named[] };
  readonly templates: { readonly nodes: readonly (Named & { readonly status: string })[] };
  readonly signupCases: {
    readonly nodes: readonly {
      readonly id: string;
      readonly displayName: string;
      readonly status: string;
      readonly phoneNumberId: string | null;
    }[];
  };
}
interface Money {
  readonly allInvoices: { readonly nodes: readonly { readonly id: string; readonly stripeInvoiceId: string }[] };
  readonly reconciliationRuns: { readonly nodes: readonly { readonly id: string; readonly unexplained: number }[] };
}

const things = `query Things {
  tenants(first: 50) { nodes { id name } }
  templates(first: 50) { nodes { id name status } }
  signupCases(first: 50) { nodes { id displayName status phoneNumberId } }
}`;
const money = `query Money {
  allInvoices(first: 50) { nodes { id stripeInvoiceId } }
  reconciliationRuns(first: 50) { nodes { id unexplained } }
}`;

/** What a platform and both local providers hold, with its ids, as far as it must be the same after a restart. */
export interface Holdings {
  readonly tenants: Answer["tenants"]["nodes"];
  readonly templates: Answer["templates"]["nodes"];
  readonly signupCases: Answer["signupCases"]["nodes"];
  readonly invoices: Money["allInvoices"]["nodes"];
  readonly reconciliations: Money["reconciliationRuns"]["nodes"];
  /** Distinct messages of this month over all clients. */
  readonly messages: number;
  /** The person behind each role's token. */
  readonly people: Readonly<Record<string, unknown>>;
  /** The local Meta's: the code of the number that waits for one. */
  readonly codes: readonly unknown[];
  /** The local Stripe's own invoices. */
  readonly stripeInvoices: readonly string[];
}

const tokenOf = ({ tokens }: Place, role: string): string => tokens[role] ?? "";

export async function holdingsOf(place: Place, month: string): Promise<Holdings> {
  const { tenants, templates, signupCases } = await ask<Answer>(place, tokenOf(place, "platform_admin"), things);
  const { allInvoices, reconciliationRuns } = await ask<Money>(place, tokenOf(place, "billing_admin"), money);
  const waiting = signupCases.nodes.filter(({ status }) => status !== "LIVE");
  return {
    tenants: tenants.nodes,
    templates: templates.nodes,
    signupCases: signupCases.nodes,
    invoices: allInvoices.nodes,
    reconciliations: reconciliationRuns.nodes,
    messages: await messagesOf(place, month),
    people: Object.fromEntries(Object.entries(place.tokens).map(([role, token]) => [role, personIn(token)])),
    codes: await Promise.all(waiting.map(({ phoneNumberId }) => codeOf(place, phoneNumberId ?? ""))),
    stripeInvoices: await stripeInvoicesOf(place),
  };
}

export async function messagesOf(place: Place, month: string): Promise<number> {
  const document = `query Month($month: String!) { allMonthSummary(month: $month) { messages } }`;
  type Month = Readonly<Record<"allMonthSummary", { readonly messages: number }>>;
  const { allMonthSummary } = await ask<Month>(place, tokenOf(place, "billing_admin"), document, { month });
  return allMonthSummary.messages;
}

/** Who a token is for (RFC 7519: `sub`). */
function personIn(token: string): unknown {
  const [, claims = ""] = token.split(".");
  return (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { readonly sub?: unknown }).sub;
}

const codeOf = async ({ metaUrl }: Place, phoneNumberId: string): Promise<unknown> =>
  (await fetch(`${metaUrl}/_sim/phone-numbers/${phoneNumberId}/code`)).json();

async function stripeInvoicesOf({ stripeUrl, stripeApiKey }: Place): Promise<readonly string[]> {
  const headers = { authorization: `Bearer ${stripeApiKey}` };
  const listed = await fetch(`${stripeUrl}/v1/invoices?limit=100`, { headers });
  const { data } = (await listed.json()) as { readonly data: readonly { readonly id: string }[] };
  return data.map(({ id }) => id);
}

const hmac = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

/** The headers with which Meta signs a body (Meta: webhooks, getting started). */
export const signedByMeta = (secret: string, body: string): Record<string, string> => ({
  "x-hub-signature-256": `sha256=${hmac(secret, body)}`,
});

/** The headers with which Stripe signs a body (Stripe: webhooks, signatures). */
export function signedByStripe(secret: string, body: string): Record<string, string> {
  const seconds = String(Math.floor(Date.now() / 1_000));
  return { "stripe-signature": `t=${seconds},v1=${hmac(secret, `${seconds}.${body}`)}` };
}

/** The HTTP status that a webhook's body gets. */
export async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return answer.status;
}
