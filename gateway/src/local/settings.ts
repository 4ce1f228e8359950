import { resolve } from "node:path";
import { loadConfig } from "@greentick/runtime";
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { defaultFolder } from "./data-folder.js";

type Env = Readonly<Record<string, string | undefined>>;

/** What `npm start` was asked to do, by its command line and its environment. */
export interface Settings {
  /** Of the gateway; the next three belong to the local Meta, the local Stripe and the control. 0 takes free ones. */
  readonly port: number;
  readonly dataDir: string;
  readonly fresh: boolean;
  /** Whether a fresh store is filled. */
  readonly seed: boolean;
  /** A fresh store is filled as if this were today; absent: today. */
  readonly today: Date | undefined;
  readonly json: boolean;
  readonly logLevel: string;
  readonly store: {
    readonly uri: string | undefined;
    readonly force: string | undefined;
    readonly download: boolean;
  };
}

/** Rates are published from July 2026 on in every currency of the first clients, and a month of theirs must be over. */
export const earliestToday = new Date("2026-08-06T00:00:00Z");

/** Four ports in a row are used. */
const highestPort = 65_532;
const portRule = `a port is a whole number from 0 to ${String(highestPort)}; 0 takes free ones`;
const Port = z
  .string()
  .regex(/^\d+$/, portRule)
  .transform(Number)
  .refine((port) => port <= highestPort, portRule);

const dayRule = "it is an instant such as 2027-03-01 or 2027-03-01T12:00:00Z";
const Day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T|$)/, dayRule)
  .transform((text) => new Date(text))
  .refine((day) => !Number.isNaN(day.getTime()), { error: dayRule, abort: true })
  .refine(
    (day) => day >= earliestToday,
    `the first clients need published prices: take ${earliestToday.toISOString()} or later`,
  );

/** Its value is what is wrong. */
const Misunderstood = z.string().refine(() => false, { error: ({ input }) => String(input) });

const oneOf = <const T extends readonly [string, ...string[]]>(...words: T): z.ZodEnum<{ [W in T[number]]: W }> =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });

/** Options and variables side by side, so that everything that is wrong with either is said at once. */
const Given = z
  .object({
    "command line": Misunderstood.optional(),
    "--port": Port.optional(),
    "--data": z.string().regex(/\S/, "name a folder"),
    "--today": Day.optional(),
    PORT: Port.default(4000),
    LOG_LEVEL: oneOf("debug", "info", "warn", "error", "silent").default("warn"),
    MONGODB_URI: z
      .string()
      .regex(/^mongodb(?:\+srv)?:\/\//, "must be a MongoDB address: mongodb://host:port")
      .optional(),
    STORE: oneOf("uri", "mongod", "cached", "embedded").optional(),
    STORE_DOWNLOAD: oneOf("0", "1").default("0"),
  })
  .transform((given) => ({
    port: given["--port"] ?? given.PORT,
    dataDir: resolve(given["--data"]),
    today: given["--today"],
    logLevel: given.LOG_LEVEL,
    store: { uri: given.MONGODB_URI, force: given.STORE, download: given.STORE_DOWNLOAD === "1" },
  }));

interface Flags {
  readonly fresh?: true;
  readonly port?: string;
  readonly data: string;
  readonly json?: true;
  readonly seed: boolean;
  readonly today?: string;
}

const description = `Starts the whole platform on this machine: gateway, services, store,
a local Meta and a local Stripe.

Environment:
  PORT             port of the gateway
  LOG_LEVEL        debug, info, warn, error or silent (default: warn)
  MONGODB_URI      a MongoDB to use instead of one of our own
  STORE            uri, mongod, cached or embedded: takes this store or fails
  STORE_DOWNLOAD   1 fetches a MongoDB when none is here`;

const exitCodes = `
Ends with 0 when it was stopped, 130 when it was stopped before it was ready, 2 when an option or a variable
is wrong, and 1 when anything else is: the last line says what.`;

const command = (): Command =>
  new Command("npm start --")
    .description(description)
    .option("--fresh", "begin again: removes the data of earlier starts")
    .option(
      "--port <number>",
      "port of the gateway; local Meta, local Stripe and control take the next three; 0 takes free ones (default: PORT or 4000)",
    )
    .option("--data <folder>", "where the data lies", defaultFolder)
    .option("--no-seed", "leave a fresh store empty but for the provider and its staff")
    .option("--today <date>", "fill a fresh store as if this were today, and leave the sandbox clock there")
    .option("--json", "print one JSON object instead of the table")
    .addHelpText("after", exitCodes);

/** Reads options and environment; with --help it prints the help and ends the process. @throws ConfigError with every problem at once. */
export function readSettings(argv: readonly string[], env: Env): Settings {
  const { flags, problems } = flagsOf(argv);
  const { fresh, json, seed, port, data, today } = flags;
  const given = {
    ...env,
    "command line": [...keptByNpm(env), ...problems].join("; "),
    "--port": asGiven(port),
    "--data": asGiven(data),
    "--today": asGiven(today),
  };
  return { ...loadConfig(Given, given), seed, fresh: fresh === true, json: json === true };
}

/** An empty variable counts as absent, an empty option was written by somebody: `--data "$UNSET"` must not mean the usual folder. */
const asGiven = (option: string | undefined): string | undefined => (option === "" ? " " : option);

/** The options, and what could not be understood. */
function flagsOf(argv: readonly string[]): { readonly flags: Flags; readonly problems: readonly string[] } {
  const reading = command()
    .allowUnknownOption()
    .allowExcessArguments()
    .configureOutput({ outputError: () => undefined })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0);
      throw error;
    });
  try {
    const { args } = reading.parse(argv);
    const problem = `${args.join(" ")} is not understood, npm start -- --help lists all options`;
    return { flags: reading.opts<Flags>(), problems: args.length === 0 ? [] : [problem] };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { flags: reading.opts<Flags>(), problems: [error.message.replace(/^error: /, "")] };
  }
}

/** `npm start --fresh` gives the option to npm, which puts it into the environment and says nothing to us. */
function keptByNpm(env: Env): readonly string[] {
  const kept = ["fresh", "port", "data", "seed", "today"].filter((name) => env[`npm_config_${name}`] !== undefined);
  const [first = ""] = kept;
  return kept.length === 0
    ? []
    : [
        `npm took --${kept.join(", --")} for itself, write two dashes before the options: npm start -- --${first === "seed" ? "no-seed" : first}`,
      ];
}
