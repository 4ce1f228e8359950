import { loadConfig } from "@greentick/runtime";
import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { type LocalOptions } from "./local-platform.js";

/** What `npm start` was asked to do. */
export interface StartOptions {
  /** The data folder as it was named. */
  readonly data: string;
  readonly port: number;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly seed: boolean;
  /** As if this were the day of the first start. */
  readonly today: Date | undefined;
  readonly logLevel: string;
  readonly store: LocalOptions["store"];
}

interface Flags {
  readonly fresh?: true;
  readonly port?: number;
  readonly data: string;
  readonly json?: true;
  readonly seed: boolean;
  readonly today?: Date;
}

/** Four ports in a row are used. */
const highestPort = 65_532;
const portRule = `a port is a whole number from 0 to ${String(highestPort)}; 0 takes free ones.`;

/** Rates are published from July 2026 on in every currency of the first clients, and a month of theirs must be over. */
export const earliestToday = new Date("2026-08-06T00:00:00Z");

const Environment = z.object({
  PORT: z.coerce.number(portRule).int(portRule).min(0, portRule).max(highestPort, portRule).default(4000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(?:\+srv)?:\/\//, "must be a MongoDB address: mongodb://host:port")
    .optional(),
  STORE: z.enum(["uri", "mongod", "cached", "embedded"]).optional(),
  STORE_DOWNLOAD: z.enum(["0", "1"]).default("0"),
});

const portFrom = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > highestPort) throw new InvalidArgumentError(portRule);
  return port;
};

const dayFrom = (text: string): Date => {
  const parsed = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError("an instant such as 2027-03-01 or 2027-03-01T12:00:00Z.");
  const today = new Date(parsed.data);
  if (today < earliestToday)
    throw new InvalidArgumentError(`the first client needs published prices: ${earliestToday.toISOString()} or later.`);
  return today;
};

const command = (): Command =>
  new Command("npm start --")
    .description(
      "Starts the whole platform on this machine: gateway, services, store, a local Meta and a local Stripe.\nEnvironment: PORT, LOG_LEVEL, MONGODB_URI, STORE, STORE_DOWNLOAD.",
    )
    .option("--fresh", "begin again: removes the data of earlier starts")
    .option(
      "--port <number>",
      "port of the gateway; local Meta, local Stripe and control take the next three; 0 takes free ones (default: PORT or 4000)",
      portFrom,
    )
    .option("--data <folder>", "where the data lies", ".greentick")
    .option("--no-seed", "leave a fresh store empty but for the provider and its staff")
    .addOption(
      new Option(
        "--today <date>",
        "fill a fresh store as if this were today, and leave the sandbox clock there",
      ).argParser(dayFrom),
    )
    .option("--json", "print one JSON object instead of the table");

/**
 * Command line and environment -> what to do. Ends the process with one sentence for a wrong option.
 * @throws ConfigError with every problem of the environment, Error when npm kept an option for itself.
 */
export function startOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): StartOptions {
  refuseKeptOptions(env);
  const flags = command().parse(argv).opts<Flags>();
  const settings = loadConfig(Environment, env);
  return {
    data: flags.data,
    port: flags.port ?? settings.PORT,
    fresh: flags.fresh === true,
    json: flags.json === true,
    seed: flags.seed,
    today: flags.today,
    logLevel: settings.LOG_LEVEL,
    store: {
      ...(settings.MONGODB_URI !== undefined && { uri: settings.MONGODB_URI }),
      ...(settings.STORE !== undefined && { force: settings.STORE }),
      download: settings.STORE_DOWNLOAD === "1",
    },
  };
}

/** `npm start --fresh` gives the option to npm, which puts it into the environment and says nothing to us. */
function refuseKeptOptions(env: Readonly<Record<string, string | undefined>>): void {
  const kept = ["fresh", "port", "data", "today"].filter((name) => env[`npm_config_${name}`] !== undefined);
  if (kept.length > 0)
    throw new Error(
      `npm took --${kept.join(", --")} for itself: write two dashes before the options, as in npm start -- --${kept[0] ?? "fresh"}.`,
    );
}
