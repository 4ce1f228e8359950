import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createLog, onShutdown } from "@greentick/runtime";
import { Command, InvalidArgumentError } from "commander";
import { pino } from "pino";
import { seedProvider } from "../story/seed.js";
import { startLocal } from "./local-platform.js";
import { startTable } from "./start-table.js";

interface Options {
  readonly fresh?: true;
  readonly port: number;
  readonly data: string;
  readonly json?: true;
  readonly seed?: false;
}

const portOf = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_532)
    throw new InvalidArgumentError("a port is a whole number from 0 to 65532; 0 takes free ones.");
  return port;
};

const command = new Command("npm start --")
  .description("Starts the whole platform on this machine: gateway, services, store, a local Meta and a local Stripe.")
  .option("--fresh", "begin again: removes the data of earlier starts")
  .option(
    "--port <number>",
    "port of the gateway; the local Meta, the local Stripe and the control take the next three",
    portOf,
    portOf(process.env["PORT"] ?? "4000"),
  )
  .option("--data <folder>", "where the data lives", ".greentick")
  .option("--no-seed", "leave a fresh store empty but for the provider and its staff")
  .option("--json", "print one JSON object instead of the table");

/** Local data of first starts begins at the first of the month before, so that one month is closed. */
const seedStart = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));

async function main(): Promise<void> {
  const options = command.parse().opts<Options>();
  const started = Date.now();
  const dataDir = resolve(options.data);
  const isFresh = options.fresh === true || !existsSync(join(dataDir, "secrets.json"));
  const logLevel = process.env["LOG_LEVEL"] ?? "warn";
  const log = createLog({ level: logLevel, name: "greentick", to: pino.destination(2) });
  const local = await startLocal({
    dataDir,
    port: options.port,
    fresh: options.fresh === true,
    clock: options.seed === false ? "system" : seedStart(new Date()),
    seed: 1,
    log,
    logLevel,
    store: {
      ...(process.env["MONGODB_URI"] !== undefined && { uri: process.env["MONGODB_URI"] }),
      ...(process.env["STORE"] !== undefined && { force: process.env["STORE"] }),
      download: process.env["STORE_DOWNLOAD"] === "1",
    },
  });
  onShutdown(async () => {
    process.stderr.write("Stopping …\n");
    await local.close();
  }, log);
  const clients =
    options.seed === false
      ? []
      : await seedProvider(local, {
          from: seedStart(new Date()),
          to: new Date(),
          isFresh,
          say: (line) => process.stderr.write(`${line}\n`),
        });
  const ready = `ready in ${((Date.now() - started) / 1_000).toFixed(1)} s`;
  if (options.json === true) process.stdout.write(`${JSON.stringify(jsonOf(local, clients))}\n`);
  else process.stdout.write(startTable(local, { dataDir, ready, clients }));
}

const jsonOf = (
  local: Awaited<ReturnType<typeof startLocal>>,
  clients: readonly { name: string; tenantId: string; token: string }[],
): unknown => ({
  url: local.url,
  controlUrl: local.controlUrl,
  storeUri: local.store.uri,
  metaUrl: local.meta.url,
  stripeUrl: local.stripe.url,
  appSecret: local.secrets.metaAppSecret,
  stripeWebhookSecret: local.stripeWebhookSecret,
  tokens: local.target.tokens,
  clients,
});

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
