import { parseArgs } from "node:util";
import { configsOf, type Env, opening, openSurroundings, StoreConfig } from "@greentick/graphql";
import { AppError, type Role, staffRoles } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";
import { z } from "zod";
import { TenantConfig } from "../config.js";
import { buildTenantService, type TenantService } from "../service.js";

const usage = `Makes the provider of a new deployment and people of its staff, and prints an access token for each, good for one hour.
Safe to repeat: a provider that exists keeps its details, a person is found again by e-mail.

  --provider    what people call the provider        --name    a person's name
  --legal-name  as in the register of companies      --email   the person's e-mail
  --country     ISO 3166-1 alpha-2, e.g. IE          --role    ${staffRoles.join(" | ")};
  --currency    ISO 4217, e.g. EUR                             default: platform_admin
  --time-zone   IANA name, e.g. Europe/Dublin        --sandbox a provider for trying out: its clock can be set

Several people: give --name, --email and --role once for each, in the same order.
It reads MONGODB_URI, DATABASE_PREFIX and MASTER_KEY like the service itself.`;

const word = z.string("is needed").trim().min(1, "is needed");
const words = z.array(word, "is needed");
const Options = z
  .strictObject({
    provider: word,
    "legal-name": word,
    country: word,
    currency: word,
    "time-zone": word,
    name: words,
    email: words,
    role: z.array(z.enum(staffRoles)).optional(),
    sandbox: z.boolean().default(false),
  })
  .transform(({ name, email, role, ...options }, context) => {
    const roleOf = (at: number): Role => role?.[at] ?? "platform_admin";
    const people = name.map((one, at) => ({ name: one, email: email[at] ?? "", role: roleOf(at) }));
    const roles = role?.length ?? people.length;
    if (email.length !== people.length || roles !== people.length)
      context.addIssue({ code: "custom", path: ["email"], message: "and --role are given as often as --name" });
    return { ...options, people };
  });
export type BootstrapOptions = z.infer<typeof Options>;

const text = { type: "string" } as const;
const list = { type: "string", multiple: true } as const;
const shape = {
  provider: text,
  "legal-name": text,
  country: text,
  currency: text,
  "time-zone": text,
  name: list,
  email: list,
  role: list,
  sandbox: { type: "boolean" },
} as const;

/** @throws Error with every problem and the usage. */
export function bootstrapOptions(args: readonly string[]): BootstrapOptions {
  const wrong = (problems: string, cause?: unknown): Error => new Error(`${problems}\n\n${usage}`, { cause });
  let values: object;
  try {
    ({ values } = parseArgs({ args: [...args], options: shape }));
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = Options.safeParse({ ...values });
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`).join("\n"));
}

export interface Bootstrapped {
  /** In the order in which the people were named. */
  readonly people: readonly { readonly token: string; readonly expiresAt: Date; readonly says: string }[];
}

const tokenSeconds = 3_600;

/**
 * The first people of a deployment: no request could make them, since nobody could sign it. Works beside running services, and before they ever
 * ran. @throws ConfigError, Error when the store cannot be reached, AppError BAD_USER_INPUT for details that are not valid.
 */
export async function bootstrap(options: BootstrapOptions, env: Env): Promise<Bootstrapped> {
  const { store, own } = configsOf({ store: StoreConfig, own: TenantConfig }, env);
  const { close, people } = await opening(async (andLater) => {
    const surroundings = await openSurroundings({ ...store, log: silentLog });
    andLater(surroundings.close);
    const { identity, indexes } = await buildTenantService(own, await surroundings.outsideOf("tenant"));
    await indexes();
    return { people: await enter(identity, options) };
  });
  await close();
  return { people };
}

async function enter(identity: TenantService["identity"], options: BootstrapOptions): Promise<Bootstrapped["people"]> {
  const { provider, country, currency, sandbox, people } = options;
  const ensured = await identity.ensureProvider({
    name: provider,
    legalName: options["legal-name"],
    timeZone: options["time-zone"],
    country,
    currency,
    livemode: !sandbox,
    people: people.map(({ role, ...person }) => ({ ...person, roles: [role] })),
  });
  const { tenant } = ensured;
  const issued = ensured.people.map(async ({ id, name }) => ({
    ...(await identity.issueFor(id, tokenSeconds)),
    says: `${name} is ${id}, of ${tenant.name}, ${tenant.id}.`,
  }));
  return Promise.all(issued);
}

/** What went wrong, for the person at the terminal. */
export const wordsOf = (error: unknown): string => {
  if (error instanceof AppError) return `${error.message} (${error.reason})`;
  return error instanceof Error ? error.message : String(error);
};
