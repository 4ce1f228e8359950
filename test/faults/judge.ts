import { type Document, MongoClient } from "mongodb";
import { type Played } from "./play.js";
import { type Told } from "./receiver.js";
import { type Body, type Line } from "./traffic.js";

/** What did not come out as it was promised, each thing in a sentence. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly reordered: readonly string[];
  /** Kept although nobody signed it. */
  readonly intruders: readonly string[];
}
export const sins = ["lost", "doubled", "reordered", "intruders"] as const satisfies readonly (keyof Verdict)[];

interface FactRow extends Document {
  readonly _id: string;
  /** Why it is not rated yet. */
  readonly unrated?: string;
  /** The updates that it knows. */
  readonly webhooks: readonly string[];
}

/** Facts and the webhooks that they name, `sha256:index`. */
const namedWebhooks = [
  { $project: { unrated: 1, named: { $regexFindAll: { input: "$details", regex: "[0-9a-f]{64}:[0-9]+" } } } },
  { $project: { unrated: 1, webhooks: { $setUnion: ["$named.match"] } } },
];

/** What came of the runs that are judged. */
interface Kept {
  readonly bodies: ReadonlySet<string>;
  /** Facts by the update that they know. */
  readonly facts: ReadonlyMap<string, readonly string[]>;
  /** Why facts are not rated. */
  readonly unrated: ReadonlyMap<string, string>;
  /** Ledger entries by fact. */
  readonly entries: ReadonlyMap<string, readonly unknown[]>;
  /** Where in all that the clients' server was told an update stands. */
  readonly told: ReadonlyMap<string, readonly number[]>;
  /** Whose dead letter an update is: found there, and missing where it should be. */
  readonly letters: ReadonlyMap<string, readonly string[]>;
}

interface LetterRow extends Document {
  readonly consumer: string;
  readonly event: { readonly source?: { readonly sha256: string; readonly index: number } };
}

const updateIds = ({ sha256, updates }: Body): readonly string[] => updates.map((_, at) => `${sha256}:${at}`);

function grouped<T>(pairs: readonly (readonly [string, T])[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

async function keptOf(storeUri: string, played: readonly Played[], told: readonly Told[]): Promise<Kept> {
  const bodies = played.flatMap(({ lines }) => lines.flatMap((line) => line.bodies));
  const keys = [
    ...bodies.map(({ sha256 }) => sha256),
    ...played.flatMap(({ forged, stripe }) => [...forged, ...stripe]),
  ];
  const mongo = await MongoClient.connect(storeUri);
  try {
    const raw = mongo.db("greentick_webhook").collection<{ _id: string }>("raw");
    const found = await raw.find({ _id: { $in: keys } }, { projection: { _id: 1 } }).toArray();
    const billing = mongo.db("greentick_billing");
    const facts = await billing
      .collection("facts")
      .aggregate<FactRow>([...namedWebhooks, { $match: { webhooks: { $in: bodies.flatMap(updateIds) } } }])
      .toArray();
    const entries = await billing
      .collection("entries")
      .find({ key: { $in: facts.map(({ _id }) => _id) } }, { projection: { key: 1 } })
      .toArray();
    const letters = await mongo
      .db("greentick_bus")
      .collection<LetterRow>("deadLetters")
      .find({ "event.source.sha256": { $in: keys } })
      .toArray();
    return {
      letters: grouped(
        letters.flatMap(({ consumer, event: { source } }) =>
          source === undefined ? [] : [[`${source.sha256}:${source.index}`, consumer] as const],
        ),
      ),
      bodies: new Set(found.map(({ _id }) => _id)),
      facts: grouped(facts.flatMap(({ _id, webhooks }) => webhooks.map((id) => [id, _id] as const))),
      unrated: new Map(facts.flatMap(({ _id, unrated }) => (unrated === undefined ? [] : [[_id, unrated] as const]))),
      entries: grouped(entries.map(({ key, _id }) => [String(key), _id])),
      told: grouped(told.map(({ updateId }, place) => [updateId, place])),
    };
  } finally {
    await mongo.close();
  }
}

/** Compares what was acknowledged with what came of it, run by run. */
export async function judge(
  storeUri: string,
  played: readonly Played[],
  told: readonly Told[],
): Promise<ReadonlyMap<Played, Verdict>> {
  const kept = await keptOf(storeUri, played, told);
  return new Map(played.map((one) => [one, verdictOf(kept, one)]));
}

function verdictOf(kept: Kept, { lines, forged, stripe }: Played): Verdict {
  const each = lines.map((line) => lineVerdict(kept, line));
  const all = (sin: "lost" | "doubled" | "reordered"): string[] => each.flatMap((one) => one[sin]);
  return {
    lost: [
      ...all("lost"),
      ...stripe.filter((id) => !kept.bodies.has(id)).map((id) => `Stripe's event ${id} is missing`),
    ],
    doubled: all("doubled"),
    reordered: all("reordered"),
    intruders: forged.filter((key) => kept.bodies.has(key)).map((key) => `${key} was kept`),
  };
}

function lineVerdict(kept: Kept, line: Line): Omit<Verdict, "intruders"> {
  const lost: string[] = [];
  const doubled: string[] = [];
  const once = (what: string, count: number): void => {
    if (count === 0) lost.push(`${what} is missing`);
    if (count > 1) doubled.push(`${what} is there ${count} times`);
  };
  const messages = new Map<string, { readonly charged: boolean; readonly facts: Set<string> }>();
  for (const body of line.bodies) {
    once(`body ${body.sha256}`, kept.bodies.has(body.sha256) ? 1 : 0);
    for (const [at, id] of updateIds(body).entries()) {
      const facts = new Set(kept.facts.get(id));
      const dead = (kept.letters.get(id) ?? []).map((consumer) => ` (a dead letter of ${consumer})`).join("");
      once(`the fact of update ${id}${dead}`, facts.size);
      once(`the client's message about update ${id}${dead}`, kept.told.get(id)?.length ?? 0);
      const update = body.updates[at];
      if (update === undefined) continue;
      const known = messages.get(update.messageId) ?? { charged: update.charged, facts: new Set<string>() };
      for (const fact of facts) known.facts.add(fact);
      messages.set(update.messageId, known);
    }
  }
  for (const [messageId, { charged, facts }] of messages) {
    once(`the fact of message ${messageId}`, facts.size);
    const entries = [...facts].reduce((sum, fact) => sum + (kept.entries.get(fact)?.length ?? 0), 0);
    const why = [...facts].flatMap((fact) => kept.unrated.get(fact) ?? []);
    if (charged) once([`the charge for message ${messageId}`, ...why].join(", "), entries);
    else if (entries > 0) doubled.push(`message ${messageId} failed and is charged`);
  }
  return { lost, doubled, reordered: outOfOrder(kept, line) };
}

/** The clients' server was told of one number's updates in the order in which their bodies were acknowledged. */
function outOfOrder({ told }: Kept, { bodies }: Line): readonly string[] {
  const places = bodies.flatMap(updateIds).flatMap((id) => ({ id, place: told.get(id)?.[0] ?? [] }));
  const known = places.filter((one): one is { id: string; place: number } => typeof one.place === "number");
  return known.flatMap(({ id, place }, at) => {
    const before = known[at - 1];
    return before !== undefined && before.place > place ? [`update ${before.id} was told after update ${id}`] : [];
  });
}
