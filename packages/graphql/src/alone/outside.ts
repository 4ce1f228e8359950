import { type Log } from "@greentick/kernel";
import {
  type Bus,
  callFactory,
  type CallFactory,
  type Clocks,
  connectDatabase,
  courtesy,
  type Database,
  type Metrics,
  metrics,
  type MasterKey,
  openBus,
  openSecrets,
  type Outside,
  pooledRandomBytes,
  storedClocks,
} from "@greentick/runtime";
import { opening } from "./opening.js";

/** What all services of one process share, and what each gets for itself. */
export interface Surroundings {
  readonly bus: Bus;
  readonly busDatabase: Database;
  readonly clocks: Clocks;
  readonly calls: CallFactory;
  readonly metrics: Metrics;
  /** Everything one service receives from outside; its database is its own. */
  readonly outsideOf: (service: string) => Promise<Outside>;
  /** Closes the bus and every database. */
  readonly close: () => Promise<void>;
}

export interface SurroundingsParts {
  readonly mongoUri: string;
  readonly databasePrefix: string;
  /** The servers of the event bus; without them it lies in the store. */
  readonly busUrl?: string;
  /** Key-encryption keys, the current one first. */
  readonly masterKeys: readonly MasterKey[];
  readonly log: Log;
  /** Counts of the process itself in /metrics. */
  readonly processMetrics?: boolean;
}

/**
 * Connects to the store: one database for the bus, one for each service that asks. When something cannot be opened, what was opened before it is
 * closed again, so that nothing keeps the process alive.
 */
export const openSurroundings = (parts: SurroundingsParts): Promise<Surroundings> =>
  opening(async (andLater) => {
    const { log, mongoUri, databasePrefix, busUrl: url } = parts;
    const databases: Database[] = [];
    const connect = async (name: string): Promise<Database> => {
      const database = await connectDatabase(mongoUri, `${databasePrefix}${name}`);
      databases.push(database);
      return database;
    };
    andLater(async () => {
      await Promise.all(databases.map((database) => database.close()));
    });
    const busDatabase = await connect("bus");
    const clocks = storedClocks(busDatabase.db);
    await clocks.refresh();
    const calls = callFactory({ clocks, randomBytes: pooledRandomBytes, log });
    const registry = metrics({ process: parts.processMetrics ?? false });
    const stream = `${databasePrefix}bus`;
    const manners = courtesy();
    const bus = await openBus({
      db: busDatabase.db,
      clocks,
      calls,
      log,
      stream,
      manners,
      metrics: registry,
      ...(url && { url }),
    });
    andLater(() => bus.close());
    return {
      bus,
      busDatabase,
      clocks,
      calls,
      metrics: registry,
      outsideOf: async (service) => {
        const database = { ...(await connect(service)), name: service };
        const own = log.child({ service });
        const secrets = await openSecrets({ database, masterKeys: parts.masterKeys, now: clocks.system });
        return {
          database,
          bus,
          clocks,
          calls,
          randomBytes: pooledRandomBytes,
          ...secrets,
          metrics: registry,
          courtesy: manners,
          log: own,
        };
      },
    };
  });
