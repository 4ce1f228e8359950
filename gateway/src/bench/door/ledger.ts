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

export async function openLedger(uri: string, masterKey: string): Promise<Ledger> {
  const client = await new MongoClient(uri).connect();
  const entries = client.db(`${prefix}billing`).collection<{ tenantId: string; key: string }>("entries");
  const raw = client.db(`${prefix}webhook`).collection("raw");
  const database = await connectDatabase(uri, `${prefix}webhook`);
  const masterKeys = [{ id: "master", key: Buffer.from(masterKey, "hex") }];
  const { blindKey } = (await openSecrets({ database, masterKeys, now: () => new Date() })).sealer;
  const count = (): Promise<number> => entries.estimatedDocumentCount();
  const waiting = (): Promise<number> => raw.countDocuments({ waiting: true }, { hint: "waiting_in_order", limit: 1 });
  const keyOf = ({ tenantId }: LiveSender, messageId: string): string =>
    `${tenantId}/message/${blindKey("message", messageId)}/-`;
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
        const keys = some.map(({ messageId }) => senders.map((sender) => keyOf(sender, messageId)));
        const filter = { tenantId: { $in: senders.map(({ tenantId }) => tenantId) }, key: { $in: keys.flat() } };
        const there = await entries.find(filter, { projection: { key: 1 } }).toArray();
        const found = new Set(there.map(({ key }) => key));
        missing += keys.filter((own) => !own.some((key) => found.has(key))).length;
      }
      return missing;
    },
    lags: (senders) => {
      const pending = new Map<string, { readonly sender: number; readonly at: number }>();
      const found: LagOf[] = [];
      const tenantId = { $in: senders.map((one) => one.tenantId) };
      let [over, lastAt] = [false, 0];
      const look = async (): Promise<void> => {
        const keys = [...pending.keys()].slice(0, 500);
        if (keys.length === 0) return;
        const there = await entries.find({ tenantId, key: { $in: keys } }, { projection: { key: 1 } }).toArray();
        const now = performance.timeOrigin + performance.now();
        for (const { key } of there) {
          const one = pending.get(key);
          if (one !== undefined) found.push({ sender: one.sender, ms: now - one.at });
          pending.delete(key);
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
            if (one !== undefined) pending.set(keyOf(one, messageId), { sender, at });
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
