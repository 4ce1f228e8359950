import mongoose, { type Connection } from "mongoose";
import { type Db } from "mongodb";
import { endUnsentCommands } from "./unsent-commands.js";

/** One service's database. */
export interface Database {
  readonly name: string;
  readonly connection: Connection;
  readonly db: Db;
  readonly close: () => Promise<void>;
}

/** Every write of the platform: acknowledged when it is in the journal. */
export const whenDurable = { w: "majority", journal: true } as const;

/** A busy machine, or a store that is only just starting, may miss one. */
const attempts = 3;

/**
 * Connects to one database. Writes acknowledge after the journal (`w: majority, j: true`); 64-bit integers arrive as bigint.
 * @throws Error with one sentence when the server cannot be reached in three attempts of five seconds each, or of what the address says
 * (`serverSelectionTimeoutMS`).
 */
export async function connectDatabase(uri: string, name: string): Promise<Database> {
  endUnsentCommands();
  for (let attempt = 1; ; attempt++) {
    const connection = mongoose.createConnection(uri, {
      dbName: name,
      useBigInt64: true,
      writeConcern: whenDurable,
      ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: 5_000 }),
      autoIndex: false,
      autoCreate: false,
      ignoreUndefined: true,
      maxPoolSize: 20,
    });
    try {
      await connection.asPromise();
      return { name, connection, db: connection.getClient().db(name), close: () => connection.close() };
    } catch (cause) {
      await connection.destroy();
      if (attempt < attempts && isAway(cause)) continue;
      throw new Error(
        `MongoDB at ${uri.replace(/\/\/[^@/]*@/, "//")} cannot be reached for database ${name}: is it running, and is the address right?`,
        { cause },
      );
    }
  }
}

/** Nobody answered; a wrong password, or an address that is none, does not get better. */
const isAway = (error: unknown): boolean => error instanceof mongoose.Error.MongooseServerSelectionError;
