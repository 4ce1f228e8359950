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

/**
 * Connects to one database. Writes acknowledge after the journal (`w: majority, j: true`); 64-bit integers arrive as bigint.
 * @throws Error with one sentence when the server cannot be reached within five seconds, or what the address says (`serverSelectionTimeoutMS`).
 */
export async function connectDatabase(uri: string, name: string): Promise<Database> {
  endUnsentCommands();
  const connection = mongoose.createConnection(uri, {
    dbName: name,
    useBigInt64: true,
    writeConcern: { w: "majority", journal: true },
    ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: 5_000 }),
    autoIndex: false,
    autoCreate: false,
    ignoreUndefined: true,
    maxPoolSize: 20,
  });
  try {
    await connection.asPromise();
  } catch (cause) {
    await connection.destroy();
    throw new Error(
      `MongoDB at ${uri.replace(/\/\/[^@/]*@/, "//")} cannot be reached for database ${name}: is it running, and is the address right?`,
      { cause },
    );
  }
  return { name, connection, db: connection.getClient().db(name), close: () => connection.close() };
}
