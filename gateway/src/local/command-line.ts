import { Command, InvalidArgumentError, Option } from "commander";

/** What `npm start` was asked to do on its command line. */
export interface Asked {
  readonly fresh: boolean;
  /** Absent: what the environment says. */
  readonly port: number | undefined;
  /** The data folder as it was named. */
  readonly data: string;
  readonly json: boolean;
  readonly seed: boolean;
  /** As if this were the day of the first start. */
  readonly today: Date | undefined;
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
export const highestPort = 65_532;
export const portRule = `a port is a whole number from 0 to ${String(highestPort)}; 0 takes free ones`;

/** Rates are published from July 2026 on in every currency of the first clients, and a month of theirs must be over. */
export const earliestToday = new Date("2026-08-06T00:00:00Z");

const portFrom = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > highestPort) throw new InvalidArgumentError(`${portRule}.`);
  return port;
};

const dayFrom = (text: string): Date => {
  const today = new Date(text);
  if (!/^\d{4}-\d\d-\d\d(T|$)/.test(text) || Number.isNaN(today.getTime()))
    throw new InvalidArgumentError("it is an instant such as 2027-03-01 or 2027-03-01T12:00:00Z.");
  if (today < earliestToday)
    throw new InvalidArgumentError(
      `the first clients need published prices: take ${earliestToday.toISOString()} or later.`,
    );
  return today;
};

const description = `Starts the whole platform on this machine: gateway, services, store,
a local Meta and a local Stripe.

Environment:
  PORT             port of the gateway
  LOG_LEVEL        debug, info, warn, error or silent (default: warn)
  MONGODB_URI      a MongoDB to use instead of one of our own
  STORE            uri, mongod, cached or embedded: takes this store or fails
  STORE_DOWNLOAD   1 fetches a MongoDB when none is here`;

const command = (): Command =>
  new Command("npm start --")
    .description(description)
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

/** Reads the command line; ends the process with one sentence when an option is wrong. @throws Error when npm kept an option for itself. */
export function readCommandLine(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Asked {
  refuseKeptOptions(env);
  const { fresh, port, json, today, ...flags } = command().parse(argv).opts<Flags>();
  return { ...flags, fresh: fresh === true, json: json === true, port, today };
}

/** `npm start --fresh` gives the option to npm, which puts it into the environment and says nothing to us. */
function refuseKeptOptions(env: Readonly<Record<string, string | undefined>>): void {
  const kept = ["fresh", "port", "data", "today"].filter((name) => env[`npm_config_${name}`] !== undefined);
  if (kept.length > 0)
    throw new Error(
      `npm took --${kept.join(", --")} for itself: write two dashes before the options, as in npm start -- --${kept[0] ?? "fresh"}.`,
    );
}
