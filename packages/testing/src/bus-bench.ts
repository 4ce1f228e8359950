import { randomBytes } from "node:crypto";
import { defineEvent, event, type EventDefinition } from "@greentick/contracts";
import { type Call, type Clock, envelope, type EventEnvelope } from "@greentick/kernel";
import {
  type Bus,
  type CallFactory,
  callFactory,
  type Clocks,
  connectDatabase,
  type Database,
  mongoBus,
  type MongoBusParts,
  silentLog,
  storedClocks,
} from "@greentick/runtime";
import { z } from "zod";
import { someTenants } from "./outside.js";
import { testDatabase } from "./store.js";

/** One process of several that share a bus. */
export interface BenchBus {
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly calls: CallFactory;
  readonly database: Database;
  /** Cuts the store off without a word to the others, as a killed process would. */
  readonly crash: () => Promise<void>;
}

export type BenchOptions = Partial<Pick<MongoBusParts, "leaseMs" | "patience" | "log">> & { readonly system?: Clock };

export interface BusBench {
  /** Opens one more process on the same store; all are closed after the last test. */
  readonly open: (options?: BenchOptions) => Promise<BenchBus>;
  /** Other databases on the same store, for aggregates; closed after the last test. */
  readonly database: (word: string) => Promise<Database>;
  /** A call of a service's own in a client's tenant. */
  readonly call: (calls: CallFactory) => Call;
}

/** Call it at the top of a describe block: a store of its own on which buses of several processes meet. */
export function busBench(name: string): BusBench {
  const { uri, dbName } = testDatabase(name);
  const opened: BenchBus[] = [];
  const databases: Database[] = [];
  afterAll(async () => {
    await Promise.all(opened.map(({ bus }) => bus.close()));
    await Promise.all([...opened.map((one) => one.database), ...databases].map((database) => database.close()));
  });
  return {
    open: async ({ system, ...options } = {}) => {
      const database = await connectDatabase(uri, dbName("bus"));
      const clocks = storedClocks(database.db, system);
      const calls = callFactory({ clocks, randomBytes, log: options.log ?? silentLog });
      const bus = await mongoBus({ db: database.db, clocks, calls, log: silentLog, ...options });
      const one = { bus, clocks, calls, database, crash: () => database.connection.close(true) };
      opened.push(one);
      return one;
    },
    database: async (word) => {
      const database = await connectDatabase(uri, dbName(word));
      databases.push(database);
      return database;
    },
    call: (calls) =>
      calls.system("bench", { tenantId: someTenants.casa, ancestorIds: [someTenants.provider], livemode: false }),
  };
}

export const noted = z.object({ key: z.string(), n: z.number(), text: z.string().optional() });
export type Noted = z.infer<typeof noted>;

/** An event that only tests know, on the stream of that name. */
export const aDefinition = (stream = "bench", version = 1): EventDefinition<typeof noted> =>
  defineEvent(`${stream}.noted`, version, "A test noted something under a key.", noted);

/** Such an event, partitioned by its key. */
export const aNote = (call: Call, data: Noted, definition = aDefinition()): EventEnvelope =>
  envelope(
    call,
    { type: definition.stream, id: data.key, version: 1 },
    event(definition, data, { partitionKey: data.key }),
  );

/** Keeps what a handler is given, and tells when there is enough of it. */
export interface Recorder {
  readonly seen: EventEnvelope[];
  readonly keep: (event: EventEnvelope) => void;
  /** Resolves when the condition holds for what was seen; asked again after every event. */
  readonly when: (condition: (seen: readonly EventEnvelope[]) => boolean) => Promise<void>;
  readonly notes: () => readonly Noted[];
}

export function recorder(): Recorder {
  const seen: EventEnvelope[] = [];
  const waiting = new Set<() => void>();
  return {
    seen,
    keep: (one) => {
      seen.push(one);
      for (const look of waiting) look();
    },
    when: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition(seen)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    notes: () => seen.map((one) => one.data as Noted),
  };
}

const longestWaitMs = 600_000;

/** Asks until the answer is yes. @throws Error before the test's own time limit, which would leave the asking behind for ever. */
export async function until(yes: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + longestWaitMs;
  while (!(await yes())) {
    if (performance.now() > end) throw new Error(`What the test waits for did not come in ${longestWaitMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
