import { setTimeout as sleep } from "node:timers/promises";
import { connectDatabase, openSecrets } from "@greentick/runtime";
import { MongoClient } from "mongodb";
import { type Sample } from "../poster.js";
import { type LiveSender } from "./platform.js";

/** The ledger as it lies in the store: what is visible there can be read through the API. */
export interface Ledger {
  readonly count: () => Promise<number>;
  /** Bodies that wait for the splitter. */
  readonly waiting: () => Promise<number>;
  /** Resolves when nothing waits and the ledger has not grown for a moment; answers how many entries came and until when. */
  readonly drained: () => Promise<Drained>;
  /** How many of these messages, each of one of the senders, have no entry. */
  readonly missing: (senders: readonly LiveSender[], samples: readonly Sample[]) => Promise<number>;
  /** Looks for the entries of samples, each of one of the senders, until all are there. */
  readonly lags: (senders: readonly LiveSender[]) => LagWatch;
  readonly close: () => Promise<void>;
}

export interface Drained {
  readonly entries: number;
  /** From the call to the last entry. */
  readonly ms: number;
}

interface LagOf {
  /** Which of the senders. */
  readonly sender: number;
  readonly ms: number;
}

export interface LagWatch {
  readonly sampled: (samples: readonly Sample[]) => void;
  /** From acknowledgement to the first look that saw the entry; `missing` when some did not come within a minute. */
  readonly done: () => Promise<{ readonly lags: readonly LagOf[]; readonly missing: number }>;
}

/** Often enough for a lag of tens of milliseconds, and seldom enough not to be the load. */
const lookEveryMs = 20;
const countEveryMs = 250;
const quietMs = 1_500;
const longestMs = 60_000;
const lookedForAtOnce = 300;
const prefix = "greentick_";

/** The ids of the entries that a fact's text names. */
const entriesIn = (details: string): readonly string[] =>
  ((JSON.parse(details) as { readonly entries?: readonly { readonly id: string }[] }).entries ?? []).map(
    ({ id }) => id,
  );

export async function openLedger(uri: string, masterKey: string): Promise<Ledger> {
  const client = await new MongoClient(uri).connect();
  const entries = client.db(`${prefix}billing`).collection<{ _id: string }>("entries");
  const facts = client.db(`${prefix}billing`).collection<{ _id: string; details: string }>("facts");
  const raw = client.db(`${prefix}webhook`).collection("raw");
  const database = await connectDatabase(uri, `${prefix}webhook`);
  const masterKeys = [{ id: "master", key: Buffer.from(masterKey, "hex") }];
  const { blindKey } = (await openSecrets({ database, masterKeys, now: () => new Date() })).sealer;
  const count = (): Promise<number> => entries.estimatedDocumentCount();
  const waiting = (): Promise<number> => raw.countDocuments({ waiting: true }, { hint: "waiting_in_order", limit: 1 });
  const factOf = ({ tenantId }: LiveSender, messageId: string): string =>
    `${tenantId}/message/${blindKey("message", messageId)}/-`;
  /** Of these facts, those whose entry is in the ledger; entries are found by their ids alone, which facts name. */
  const booked = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const found = await facts.find({ _id: { $in: [...ids] } }, { projection: { details: 1 } }).toArray();
    const named = new Map(found.flatMap(({ _id, details }) => entriesIn(details).map((id) => [id, _id] as const)));
    const there = await entries.find({ _id: { $in: [...named.keys()] } }, { projection: { _id: 1 } }).toArray();
    return new Set(there.map(({ _id }) => named.get(_id) ?? ""));
  };
  return {
    count,
    waiting,
    drained: async () => {
      const [before, start] = [await count(), performance.now()];
      let seen = { entries: before, at: start };
      while (performance.now() - seen.at < quietMs || (await waiting()) > 0) {
        if (performance.now() - seen.at > longestMs) throw new Error("The backlog is not worked off any more.");
        const now = await count();
        if (now !== seen.entries) seen = { entries: now, at: performance.now() };
        await sleep(countEveryMs);
      }
      return { entries: seen.entries - before, ms: seen.at - start };
    },
    missing: async (senders, samples) => {
      let missing = 0;
      for (let from = 0; from < samples.length; from += lookedForAtOnce) {
        const some = samples.slice(from, from + lookedForAtOnce);
        const own = some.map(({ messageId }) => senders.map((sender) => factOf(sender, messageId)));
        const found = await booked(own.flat());
        missing += own.filter((ids) => !ids.some((id) => found.has(id))).length;
      }
      return missing;
    },
    lags: (senders) => {
      const pending = new Map<string, { readonly sender: number; readonly at: number }>();
      const found: LagOf[] = [];
      let [over, lastAt] = [false, 0];
      const look = async (): Promise<void> => {
        const ids = [...pending.keys()].slice(0, 500);
        if (ids.length === 0) return;
        const there = await booked(ids);
        const now = performance.timeOrigin + performance.now();
        for (const id of there) {
          const one = pending.get(id);
          if (one !== undefined) found.push({ sender: one.sender, ms: now - one.at });
          pending.delete(id);
        }
      };
      const watch = async (): Promise<void> => {
        while (!over || pending.size > 0) {
          if (over && performance.now() - lastAt > longestMs) return;
          await look();
          await sleep(lookEveryMs);
        }
      };
      const watching = watch();
      return {
        sampled: (samples) => {
          for (const { messageId, sender, at } of samples) {
            const one = senders[sender];
            if (one !== undefined) pending.set(factOf(one, messageId), { sender, at });
          }
        },
        done: async () => {
          [over, lastAt] = [true, performance.now()];
          await watching;
          return { lags: found, missing: pending.size };
        },
      };
    },
    close: async () => {
      await database.close();
      await client.close();
    },
  };
}
