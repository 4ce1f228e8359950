import { parseArgs } from "node:util";
import { configsOf, type Env, opening, openSurroundings, StoreConfig } from "@greentick/graphql";
import { AppError, staffRoles } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";
import { z } from "zod";
import { TenantConfig } from "../config.js";
import { buildTenantService } from "../service.js";

const usage = `Makes the provider of a new deployment, adds one person of its staff, and prints that person's access token, good for one hour.
Safe to repeat: a provider that exists keeps its details, a person is found again by e-mail.

  --provider    what people call the provider        --name    the person's name
  --legal-name  as in the register of companies      --email   the person's e-mail
  --country     ISO 3166-1 alpha-2, e.g. IE          --role    ${staffRoles.join(" | ")};
  --currency    ISO 4217, e.g. EUR                             default: platform_admin
  --time-zone   IANA name, e.g. Europe/Dublin        --sandbox a provider for trying out: its clock can be set

It reads MONGODB_URI, DATABASE_PREFIX and MASTER_KEY like the service itself.`;

const word = z.string("is needed").trim().min(1, "is needed");
const Options = z.strictObject({
  provider: word,
  "legal-name": word,
  country: word,
  currency: word,
  "time-zone": word,
  name: word,
  email: word,
  role: z.enum(staffRoles).default("platform_admin"),
  sandbox: z.boolean().default(false),
});
export type BootstrapOptions = z.infer<typeof Options>;

/** @throws Error with every problem and the usage. */
export function bootstrapOptions(args: readonly string[]): BootstrapOptions {
  const text = { type: "string" } as const;
  const options = Object.fromEntries(
    Object.keys(Options.shape).map((name) => [name, name === "sandbox" ? ({ type: "boolean" } as const) : text]),
  );
  const wrong = (problems: string): Error => new Error(`${problems}\n\n${usage}`);
  let values: object;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = Options.safeParse({ ...values });
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map(({ path, message }) => `--${path.join(".")} ${message}`).join("\n"));
}

export interface Bootstrapped {
  readonly token: string;
  readonly expiresAt: Date;
  /** Who exists now, in one sentence. */
  readonly says: string;
}

const tokenSeconds = 3_600;

/**
 * The first person of a deployment, who can sign in nobody else's way: no request creates the provider. Works beside running services,
 * and before they ever ran. @throws ConfigError, Error when the store cannot be reached, AppError BAD_USER_INPUT for details that are not valid.
 */
export async function bootstrap(options: BootstrapOptions, env: Env): Promise<Bootstrapped> {
  const { store, own } = configsOf({ store: StoreConfig, own: TenantConfig }, env);
  const { close, ...done } = await opening(async (andLater) => {
    const surroundings = await openSurroundings({ ...store, log: silentLog });
    andLater(surroundings.close);
    const { identity, indexes } = await buildTenantService(own, await surroundings.outsideOf("tenant"));
    await indexes();
    const { provider, name, email, role, sandbox, country, currency } = options;
    const { tenant, people } = await identity.ensureProvider({
      name: provider,
      legalName: options["legal-name"],
      timeZone: options["time-zone"],
      country,
      currency,
      livemode: !sandbox,
      people: [{ name, email, roles: [role] }],
    });
    const [person] = people;
    if (person === undefined) throw new Error(`The provider ${tenant.id} has nobody called ${name}.`);
    const { token, expiresAt } = await identity.issueFor(person.id, tokenSeconds);
    return { token, expiresAt, says: `${tenant.name} is ${tenant.id}, ${person.name} is ${person.id}.` };
  });
  await close();
  return done;
}

/** What went wrong, for the person at the terminal. */
export const wordsOf = (error: unknown): string => {
  if (error instanceof AppError) return `${error.message} (${error.reason})`;
  return error instanceof Error ? error.message : String(error);
};
