import { connectDatabase, loadConfig } from "@greentick/runtime";
import { z } from "zod";
import { mongoBalanceStore } from "../adapters/mongo/balance-store.js";
import { mongoWindowStore } from "../adapters/mongo/window-store.js";
import { ledgerCommand } from "./command.js";

/** The same variables as the service's own; no key is needed, because nothing sealed is read. */
const LedgerConfig = z.object({
  MONGODB_URI: z.string().regex(/^mongodb(?:\+srv)?:\/\//, "must be a MongoDB address: mongodb://host:port"),
  DATABASE_PREFIX: z.string().default("greentick_"),
});

async function main(): Promise<void> {
  const { MONGODB_URI, DATABASE_PREFIX } = loadConfig(LedgerConfig, process.env);
  const database = await connectDatabase(MONGODB_URI, `${DATABASE_PREFIX}billing`);
  try {
    const ports = { balances: mongoBalanceStore(database), windows: mongoWindowStore(database) };
    const { out, exitCode } = await ledgerCommand(ports, process.argv.slice(2));
    process.stdout.write(`${out}\n`);
    process.exitCode = exitCode;
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
