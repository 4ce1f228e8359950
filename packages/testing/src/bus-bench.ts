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
  natsBus,
  type NatsBusParts,
  silentLog,
  storedClocks,
} from "@greentick/runtime";
import { z } from "zod";
import { type Cutter, cutter } from "./cutter.js";
import { type NatsServer, natsServer } from "./nats-server.js";
import { someTenants } from "./outside.js";
import { testDatabase } from "./store.js";

/** One process of several that share a bus. */
export interface BenchBus {
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly calls: CallFactory;
  readonly database: Database;
  /** Cuts the process off from everything without a word to the others, as if it had been killed. */
  readonly crash: () => Promise<void>;
  /** Cuts its connections to the broker, which it may make again. Without a broker there are none. */
  readonly cutBroker: () => void;
}

export type BenchOptions = Partial<Pick<NatsBusParts, "leaseMs" | "recordLeaseMs" | "patience" | "manners" | "log">> & {
  readonly system?: Clock;
};

export type BusAdapter = "mongo" | "nats";

export interface BusBench {
  /** Opens one more process on the same store; all are closed after the last test. */
  readonly open: (options?: BenchOptions) => Promise<BenchBus>;
  /** Other databases on the same store, for aggregates; closed after the last test. */
  readonly database: (word: string) => Promise<Database>;
  /** A call of a service's own in a client's tenant. */
  readonly call: (calls: CallFactory) => Call;
  /** What keeps the events, where that is a server of its own. Inside tests and hooks only. */
  readonly server: () => NatsServer;
  /** Where another process finds the same bus. */
  readonly whereabouts: () => { readonly mongoUri: string; readonly database: string; readonly natsUrl?: string };
}

/** The stream that benches use on their own server. */
export const benchStream = "bench";

/** Call it at the top of a describe block: a store of its own on which buses of several processes meet. */
export function busBench(name: string, adapter: BusAdapter = "mongo"): BusBench {
  const { uri, dbName } = testDatabase(name);
  const opened: BenchBus[] = [];
  const databases: Database[] = [];
  const cutters: Cutter[] = [];
  let broker: NatsServer | undefined;
  const server = (): NatsServer => {
    if (broker === undefined)
      throw new Error("this bench has no broker, or it is not started yet: use it inside tests");
    return broker;
  };
  beforeAll(async () => {
    if (adapter === "nats") broker = await natsServer();
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ bus }) => bus.close()));
    await Promise.all([...opened.map((one) => one.database), ...databases].map((database) => database.close()));
    await Promise.all(cutters.map((one) => one.close()));
    await broker?.remove();
  });
  const throughCutter = async (): Promise<Cutter> => {
    const one = await cutter(server().url);
    cutters.push(one);
    return one;
  };
  return {
    server,
    whereabouts: () => ({
      mongoUri: uri,
      database: dbName("bus"),
      ...(adapter === "nats" && { natsUrl: server().url }),
    }),
    open: async ({ system, ...options } = {}) => {
      const database = await connectDatabase(uri, dbName("bus"));
      const clocks = storedClocks(database.db, system);
      const calls = callFactory({ clocks, randomBytes, log: options.log ?? silentLog });
      const parts = { db: database.db, clocks, calls, log: silentLog, ...options };
      const line = adapter === "nats" ? await throughCutter() : undefined;
      const bus = line ? await natsBus({ ...parts, url: line.url, stream: benchStream }) : await mongoBus(parts);
      const crash = async (): Promise<void> => {
        await line?.close();
        await database.connection.close(true);
      };
      const one = { bus, clocks, calls, database, crash, cutBroker: () => line?.cut() };
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
