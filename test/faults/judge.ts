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

interface FactRow extends Document {
  readonly _id: string;
  readonly seen: readonly { readonly webhooks: readonly string[] }[];
}

/** What the store holds of the runs that are judged. */
interface Kept {
  readonly bodies: ReadonlySet<string>;
  /** Facts by the update that they know. */
  readonly facts: ReadonlyMap<string, readonly string[]>;
  /** Ledger entries by fact. */
  readonly entries: ReadonlyMap<string, number>;
  /** Messages to the clients' server by the update that they tell of. */
  readonly told: ReadonlyMap<string, readonly string[]>;
}

const updateIds = ({ sha256, updates }: Body): readonly string[] => updates.map((_, at) => `${sha256}:${at}`);
export const updatesOf = (played: readonly Played[]): readonly string[] =>
  played.flatMap(({ lines }) => lines.flatMap(({ bodies }) => bodies.flatMap(updateIds)));

function grouped<T>(pairs: readonly (readonly [string, T])[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

async function keptOf(storeUri: string, played: readonly Played[], told: readonly Told[]): Promise<Kept> {
  const mongo = await MongoClient.connect(storeUri);
  try {
    const wanted = updatesOf(played);
    const raw = await mongo
      .db("greentick_webhook")
      .collection<{ _id: string }>("raw")
      .find({}, { projection: { _id: 1 } })
      .toArray();
    const billing = mongo.db("greentick_billing");
    const facts = await billing
      .collection<FactRow>("facts")
      .find({ "seen.webhooks": { $in: [...wanted] } })
      .toArray();
    const entries = await billing
      .collection("entries")
      .find({ key: { $in: facts.map(({ _id }) => _id) } }, { projection: { key: 1 } })
      .toArray();
    const counted = grouped(entries.map(({ key }) => [String(key), 1]));
    return {
      bodies: new Set(raw.map(({ _id }) => _id)),
      facts: grouped(
        facts.flatMap(({ _id, seen }) => seen.flatMap(({ webhooks }) => webhooks.map((id) => [id, _id] as const))),
      ),
      entries: new Map([...counted].map(([key, all]) => [key, all.length])),
      told: grouped(told.map(({ updateId, webhookId }) => [updateId, webhookId])),
    };
  } finally {
    await mongo.close();
  }
}

/** Compares what was acknowledged with what came of it. */
export async function judge(storeUri: string, played: readonly Played[], told: readonly Told[]): Promise<Verdict> {
  const kept = await keptOf(storeUri, played, told);
  const verdict = {
    lost: [] as string[],
    doubled: [] as string[],
    reordered: [] as string[],
    intruders: [] as string[],
  };
  for (const { run, lines, forged } of played) {
    verdict.intruders.push(...forged.filter((sha) => kept.bodies.has(sha)).map((sha) => `run ${run}: ${sha} was kept`));
    for (const line of lines) {
      const of = lineVerdict(kept, line, told);
      for (const word of ["lost", "doubled", "reordered"] as const)
        verdict[word].push(...of[word].map((sentence) => `run ${run}: ${sentence}`));
    }
  }
  return verdict;
}

function lineVerdict(kept: Kept, line: Line, told: readonly Told[]): Omit<Verdict, "intruders"> {
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
      const facts = kept.facts.get(id) ?? [];
      once(`the fact of update ${id}`, facts.length);
      once(`the client's message about update ${id}`, (kept.told.get(id) ?? []).length);
      const update = body.updates[at];
      if (update === undefined) continue;
      const known = messages.get(update.messageId) ?? { charged: update.charged, facts: new Set<string>() };
      for (const fact of facts) known.facts.add(fact);
      messages.set(update.messageId, known);
    }
  }
  for (const [messageId, { charged, facts }] of messages) {
    once(`the fact of message ${messageId}`, facts.size);
    const entries = [...facts].reduce((sum, fact) => sum + (kept.entries.get(fact) ?? 0), 0);
    if (charged) once(`the charge for message ${messageId}`, entries);
    else if (entries > 0) doubled.push(`message ${messageId} failed and is charged`);
  }
  return { lost, doubled, reordered: outOfOrder(line, told) };
}

/** The clients' server was told of one number's updates in the order in which their bodies were acknowledged. */
function outOfOrder({ bodies }: Line, told: readonly Told[]): readonly string[] {
  const places = new Map(bodies.flatMap(updateIds).map((id, place) => [id, place]));
  const order = told.flatMap(({ updateId }) => places.get(updateId) ?? []);
  return order.flatMap((place, at) => {
    const before = order[at - 1];
    return before !== undefined && before > place
      ? [`update ${place} of a number was told after update ${before}`]
      : [];
  });
}
