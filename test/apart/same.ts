/**
 * What may differ between two deployments that were told the same story, and nothing else. Each rule says why.
 *
 * 1. Ids of ours, and Stripe's, which follow from ours: random, so that no two deployments share one. The n-th id of a kind to appear in one
 *    deployment's answers must stand where the n-th stands in the other's: references between objects are compared, too.
 * 2. Instants and spans of system time, in the fields listed here. Business time is the story's and is compared as it is.
 * 3. Cursors, which are made of both. That there is one is compared.
 * 4. Addresses of this machine, whose ports are whatever was free.
 * 5. The first half of Stripe's invoice numbers, which follows from the customer's id.
 * 6. Pseudonyms of Meta's message ids in the ids of facts, and of people in certificates: made with a key of the tenant, which is random. Numbered like
 *    ids. The hash of a certificate follows from them.
 * 7. The order of what came at once: a report of Meta's races with the request that caused it, so either may be an object's second change. That each
 *    change happened is compared, and what the object says after all of them. Neither is there an order between people whom the story adds in one
 *    instant.
 */
/** What may differ as a whole, by the words that stand for it: fields, values of name-value pairs by their name, and those of audit rows by their action. */
const chance: Readonly<Record<string, readonly string[]>> = {
  "<version>": [
    "AuditRecord.aggregateVersion",
    // The place in the chain is the order of arrival, and the hashes follow from it and from ids and times.
    "AuditRecord.sequence",
    "AuditRecord.hash",
    "AuditRecord.previousHash",
  ],
  "<hash>": ["DataSubjectCertificate.sha256"],
  "<system time>": [
    // The log of what happened when, and how long a token is good: never the tenant's clock.
    "AuditRecord.recordedAt",
    // Stripe's clock moves a moment before the platform's, and what it tells at once may arrive between them.
    "AuditRecord.occurredAt stripe.received",
    "ActAsGrant.grantedAt",
    "ActAsGrant.until",
    "AuditFact.value until",
    // The door keeps bodies before it knows whose they are.
    "WebhookUpdate.receivedAt",
    "QuarantinedWebhookUpdate.at",
    "UnknownWebhookUpdate.at",
    "DeadLetter.at",
    "DoorTask.openedAt",
    "DoorTask.endedAt",
    "WebhookDelivery.createdAt",
    // How long the network took, and when it is tried again: with chance, so that not all come at once.
    "WebhookAttempt.at",
    "WebhookAttempt.dnsMs",
    "WebhookAttempt.connectMs",
    "WebhookAttempt.totalMs",
    "WebhookDelivery.nextAttemptAt",
    "WebhookEndpointHealth.nextAt",
  ],
  // Made with the endpoint's secret at the time of sending.
  "<signed>": ["WebhookHeader.value webhook-timestamp", "WebhookHeader.value webhook-signature"],
};
const wordFor: ReadonlyMap<string, string> = new Map(
  Object.entries(chance).flatMap(([word, fields]) => fields.map((one) => [one, word] as const)),
);
const chanceOrder: ReadonlySet<unknown> = new Set(["MirrorChange", "TenantPerson"]);
const cursors: ReadonlySet<string> = new Set(["cursor", "endCursor", "startCursor"]);

const ids =
  /\b(?:[a-z]{3}_[0-7][0-9A-HJKMNP-TV-Z]{25}|req_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{2,8}_[0-9A-Za-z]{24})\b/g;
const invoiceNumber = /\b[A-Z0-9]{8}(?=-\d{4}\b)/g;
const pseudonym = /(?<=\/(?:message|conversation)\/|")[\w-]{43}(?=[/"])/g;
const address = /http:\/\/127\.0\.0\.1:\d+/g;

type Naming = (id: string) => string;
const kindOf = (id: string): string => id.slice(0, id.indexOf("_"));

/** What is left of one deployment's answers without what may differ. One for each deployment, used for all of its answers in their order. */
export interface Plain {
  readonly of: (value: unknown) => unknown;
  /** The same as a text that leaves out which object it is, unless an answer before has named it. Changes nothing. */
  readonly content: (value: unknown) => string;
}

export function plainly(): Plain {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  const name: Naming = (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const count = (counts.get(kindOf(id)) ?? 0) + 1;
    counts.set(kindOf(id), count);
    const named = `<${kindOf(id)} ${String(count)}>`;
    known.set(id, named);
    return named;
  };
  return {
    of: (value) => walk(value, name),
    content: (value) => JSON.stringify(walk(value, (id) => known.get(id) ?? `<${kindOf(id)}>`)),
  };
}

const masked = (text: string, named: Naming): string =>
  text
    .replace(ids, named)
    .replace(pseudonym, (found) => named(`fact_${found}`))
    .replace(address, "<address>")
    .replace(invoiceNumber, "<customer>");

function walk(value: unknown, named: Naming): unknown {
  if (typeof value === "string") return masked(value, named);
  if (Array.isArray(value)) return inAnOrder(value).map((item) => walk(item, named));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(fields).map(([name, inner]) => [name, field(fields, name, named) ?? walk(inner, named)]),
  );
}

/** A list as it is, or sorted by its words if its order is chance. */
function inAnOrder(items: readonly unknown[]): readonly unknown[] {
  const wordsOf = (item: unknown): string => JSON.stringify(walk(item, (id) => kindOf(id)));
  const byChance = items.every((item) => isObject(item) && chanceOrder.has(item["__typename"]));
  return byChance ? items.toSorted((a, b) => (wordsOf(a) < wordsOf(b) ? -1 : 1)) : items;
}

/** The words that stand for a value which may differ as a whole. */
function field(of: Readonly<Record<string, unknown>>, name: string, named: Naming): string | undefined {
  const value = of[name];
  const type = typeof of["__typename"] === "string" ? of["__typename"] : "";
  const word = wordFor.get(`${type}.${name}`) ?? wordFor.get(`${type}.${name} ${String(of["name"] ?? of["action"])}`);
  if (word !== undefined && value !== null) return word;
  if (typeof value !== "string") return undefined;
  if (cursors.has(name)) return "<cursor>";
  return type === "" ? undefined : masked(value, named);
}

/** Where two values differ: the path, both sides, and what else the first says of the object in which they lie. */
export interface Difference {
  readonly at: string;
  readonly one: unknown;
  readonly six: unknown;
  readonly of: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const plainFields = (of: unknown): unknown =>
  isObject(of) && Object.fromEntries(Object.entries(of).filter(([, value]) => !isObject(value)));

/** Every field in which two values differ. */
export function differences(one: unknown, six: unknown, at = "", of?: unknown): readonly Difference[] {
  if (!isObject(one) || !isObject(six) || Array.isArray(one) !== Array.isArray(six))
    return Object.is(one, six) ? [] : [{ at, one, six, of: plainFields(of) }];
  const fields = new Set([...Object.keys(one), ...Object.keys(six)]);
  return [...fields].flatMap((name) => differences(one[name], six[name], `${at}.${name}`, one));
}
