import { type LocalPlatform } from "@greentick/gateway";
import { type Document, MongoClient } from "mongodb";

interface Amount {
  readonly currency: string;
  readonly amountMicros: bigint;
}

/** A fact as billing keeps it, as far as these tests look into it. */
export interface FactRow extends Document {
  readonly _id: string;
  /** `joined`: a message that its conversation stands for. */
  readonly outcome: "charged" | "free" | "unrated" | "failed" | "undelivered" | "joined";
  /** What the row keeps as JSON. */
  readonly details: FactDetails;
}
interface FactDetails extends Document {
  /** Absent: a message. */
  readonly kind?: "conversation";
  /** Every distinct status update, with the webhooks (`sha256:index`) that carried it. */
  readonly seen: readonly (readonly [content: string, ...webhooks: string[]])[];
  readonly proof?: { readonly status: string; readonly webhook: string };
}

export interface EntryRow extends Document {
  readonly _id: string;
  /** The fact it books. */
  readonly key: string;
  readonly seq: number;
  readonly cost: Amount;
  readonly charge: Amount;
  readonly service: Document;
  readonly details: Document;
}

/** What the platform keeps of accounts, numbers, templates and money, and what it could not read. */
export interface KeptState {
  readonly facts: readonly FactRow[];
  readonly entries: readonly EntryRow[];
  readonly windows: readonly Document[];
  readonly wabas: readonly Document[];
  readonly numbers: readonly Document[];
  readonly templates: readonly Document[];
  readonly bodies: readonly Document[];
  readonly quarantine: readonly Document[];
  readonly deadLetters: readonly Document[];
}

/** Where a fact names a webhook by its place among those it has seen, the webhook. */
function factDetails({ details }: Document): FactDetails {
  const { seen } = JSON.parse(String(details)) as FactDetails;
  const webhooks = seen.flatMap(([, ...named]) => named);
  const names = ["webhook", "pricingWebhook"];
  return JSON.parse(String(details), (key, value: unknown) =>
    names.includes(key) && typeof value === "number" ? webhooks[value] : value,
  ) as FactDetails;
}

/** Reads the documents themselves: a state that the API does not show would count too. */
export async function readState({ store }: LocalPlatform): Promise<KeptState> {
  const mongo = await MongoClient.connect(store.uri, { useBigInt64: true });
  const all = <T extends Document>(service: string, collection: string): Promise<T[]> =>
    mongo.db(`greentick_${service}`).collection(collection).find<T>({}).sort({ _id: 1 }).toArray();
  try {
    return {
      facts: (await all("billing", "facts")).map(
        (row) => ({ ...row, details: factDetails(row) }) as unknown as FactRow,
      ),
      entries: (await all("billing", "entries")).map(
        (row) => ({ ...row, details: JSON.parse(String(row["details"])) as Document }) as unknown as EntryRow,
      ),
      windows: await all("billing", "windows"),
      wabas: await all("onboarding", "wabas"),
      numbers: await all("onboarding", "phone_numbers"),
      templates: await all("template", "templates"),
      bodies: await all("webhook", "raw"),
      quarantine: await all("webhook", "quarantine"),
      deadLetters: await all("bus", "deadLetters"),
    };
  } finally {
    await mongo.close();
  }
}

const without = (row: Document, ...names: readonly string[]): Document =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

const byText = (rows: readonly Document[]): readonly Document[] =>
  rows.toSorted((a, b) => (JSON.stringify(a, digits) < JSON.stringify(b, digits) ? -1 : 1));
const digits = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** System time of a write: says when, not what. */
const writeTimes = ["createdAt", "updatedAt"];
const windowTimes = [
  "sentAt",
  "confirmedAt",
  "restsUntil",
  "dirtyVersion",
  "sentVersion",
  "bookings",
  "balanceVersion",
];

/**
 * The state without what tells only of the way to it. Left out, and nothing else:
 * - system times of writes, and of a kept body the sequence, the request's id, the seal, and the hashes of what was told, which names that request;
 * - the id of a template, made when it is first heard of;
 * - when a fact's bodies were kept, in which batch it was booked, when a window was told and how often it was marked;
 * - the order in which a fact saw its updates, and with it whether they came in another order than sent, delivered, read;
 * - of a conversation's one entry, which of its messages was rated first: the entry is named after that moment and keeps it (Meta:
 *   conversation-based pricing charges once, on whichever message opens it). Day, card, price and the fact's earliest proof are compared.
 */
export function comparable(state: KeptState): unknown {
  const conversations = new Set(
    state.facts.filter(({ details }) => details.kind === "conversation").map(({ _id }) => _id),
  );
  return {
    facts: state.facts.map((fact) => ({
      ...without(fact, "reordered", "kept", "note"),
      details: { ...without(fact.details, "entries"), seen: byText(fact.details.seen) },
    })),
    entries: byText(
      state.entries.map((entry) => {
        if (!conversations.has(entry.key)) return entry;
        return {
          ...without(entry, "_id"),
          service: without(entry.service, "deliveredAt"),
          details: {
            ...entry.details,
            service: without(entry.details["service"] as Document, "webhook", "pricingWebhook"),
          },
        };
      }),
    ),
    windows: state.windows.map((row) => without(row, ...windowTimes)),
    wabas: state.wabas.map((row) => without(row, ...writeTimes)),
    numbers: state.numbers.map((row) => without(row, ...writeTimes)),
    templates: byText(state.templates.map((row) => without(row, "_id", "version", ...writeTimes))),
    bodies: state.bodies.map((row) => ({
      ...without(row, "sequence", "receivedAt", "keptAt", "publishedAt", "requestId", "body", "told"),
      refs: (row["refs"] as readonly string[]).filter((ref) => !/^(ten_\w+\/)?request\//.test(ref)),
    })),
    quarantine: state.quarantine.map((row) => without(row, "at", "sequence", "releasedAt")),
    deadLetters: state.deadLetters,
  };
}
