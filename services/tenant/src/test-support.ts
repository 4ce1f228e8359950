import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { visitorClaims } from "@greentick/graphql";
import { type Call, type Log, type PersonId, type Role, type TenantId } from "@greentick/kernel";
import { callFactory, loadConfig, silentLog } from "@greentick/runtime";
import { type ServiceWorld, serviceWorld } from "@greentick/testing";
import { execute, type ExecutionResult, parse } from "graphql";
import { Secret, TOTP } from "otpauth";
import { buildTenantService, TenantConfig, type TenantService } from "./index.js";

const providerDetails = {
  name: "Greentick",
  legalName: "Greentick Ltd.",
  country: "IE",
  currency: "USD",
  timeZone: "Europe/Dublin",
};
export const adaEmail = "ada@bsp.example";
/** Long enough to stand alone, and about nobody. */
export const goodPassword = "seven quiet lanterns drift";
export const otherPassword = "marble kettles under rain";

export interface Asked {
  readonly data: Record<string, Record<string, unknown>>;
  readonly refusal?: { readonly code: string; readonly reason: string; readonly details?: Record<string, unknown> };
  readonly message?: string;
}

/** The tenant service with a provider, its admin Ada, and a folder into which it writes its mail. */
export interface PeopleWorld {
  readonly world: ServiceWorld<TenantService>;
  readonly mailFolder: string;
  readonly provider: () => TenantId;
  readonly ada: () => Call;
  /** Somebody without a token; with `at`, at that instant of system time however long the machine takes. */
  readonly visitor: (from?: VisitorFrom) => Call;
  readonly ask: (call: Call, source: string, input?: Record<string, unknown>) => Promise<Asked>;
  /** The same, which must succeed: the value of its one field. */
  readonly must: (call: Call, source: string, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;
  readonly newClient: (name: string) => Promise<TenantId>;
  /** Invites by Ada or whoever is given, waits for the mail, and returns the link's token. */
  readonly invited: (who: Invited, by?: Call) => Promise<string>;
  /** A person with a password, ready to sign in. */
  readonly joined: (who: Invited, password?: string) => Promise<PersonId>;
  /** The token in the newest message to an address. */
  readonly mailedToken: (email: string) => string;
  /** The call of somebody who has just signed in. */
  readonly callOf: (signedIn: Record<string, unknown>) => Call;
}

export type VisitorFrom = Partial<Pick<Call, "ip" | "userAgent">> & { readonly at?: Date };

export interface Invited {
  readonly email: string;
  readonly roles: readonly Role[];
  readonly tenantId?: TenantId;
  readonly name?: string;
}

export const sources = {
  invite: `mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id status roles expiresAt } } }`,
  accept: `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { tenantId tenantName personId } }`,
  signIn: `mutation ($input: SignInInput!) { signIn(input: $input) { enrolmentTicket deviceToken signedIn { accessToken refreshToken expiresAt session { id tenantId personId device ip means current } memberships { tenantId tenantName roles } } } }`,
  refresh: `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { signedIn { accessToken refreshToken session { id } } } }`,
  people: `query ($text: String, $role: Role, $standing: PersonStanding, $tenantId: ID) { people(text: $text, role: $role, standing: $standing, tenantId: $tenantId) { totalCount nodes { personId name email roles standing } } }`,
};

const upper = (roles: readonly Role[]): string[] => roles.map((role) => role.toUpperCase());

/**
 * A round instant to come, with at least one whole unit before it: the world opens meanwhile, and its first key signs from the real time on, so that
 * nobody can sign in before that.
 */
export const roundInstant = (unitMs: number): Date => new Date((Math.ceil(Date.now() / unitMs) + 1) * unitMs);

/** Call it at the top of a describe block. */
export function peopleWorld(env: Record<string, string> = {}, log: Log = silentLog): PeopleWorld {
  const mailFolder = mkdtempSync(join(tmpdir(), "greentick-mail-"));
  const config = (): TenantConfig =>
    loadConfig(TenantConfig, { TENANT_KEY_LEAD_SECONDS: "0", MAIL_URL: `file:${mailFolder}`, ...env });
  const world = serviceWorld("people", (outside) => {
    const calls = callFactory({ clocks: outside.clocks, randomBytes: outside.randomBytes, log });
    return buildTenantService(config(), { ...outside, calls, log });
  });
  let ada: Call | undefined;
  beforeAll(async () => {
    const { tenant, people } = await world.service.identity.ensureProvider({
      ...providerDetails,
      livemode: false,
      people: [{ name: "Ada Admin", email: adaEmail, roles: ["platform_admin"] }],
    });
    const personId = people[0]?.id ?? "";
    ada = world.call({ tenantId: tenant.id, ancestorIds: [], staff: true, personId, roles: ["platform_admin"] });
  });
  afterAll(() => {
    rmSync(mailFolder, { recursive: true, force: true });
  });
  const admin = (): Call => {
    if (ada === undefined) throw new Error("the world opens before the first test");
    return ada;
  };
  const ask = async (call: Call, source: string, input?: Record<string, unknown>): Promise<Asked> => {
    const isQuery = source.startsWith("query");
    const variableValues = isQuery ? input : { input };
    const { schema } = world.service.schema;
    const result: ExecutionResult = await execute({
      schema,
      document: parse(source),
      contextValue: call,
      ...(variableValues && { variableValues }),
    });
    const [error] = result.errors ?? [];
    return {
      data: (result.data ?? {}) as Asked["data"],
      ...(error && { message: error.message, refusal: error.extensions as NonNullable<Asked["refusal"]> }),
    };
  };
  const must: PeopleWorld["must"] = async (call, source, input) => {
    const { data, message } = await ask(call, source, input);
    if (message !== undefined) throw new Error(message);
    return Object.values(data)[0] ?? {};
  };
  const visitor: PeopleWorld["visitor"] = ({ at, ...from } = {}) => ({
    ...callFactory({ clocks: world.outside.clocks, randomBytes: world.outside.randomBytes, log }).fromClaims(
      visitorClaims,
      { requestId: "req_visitor", ip: "192.0.2.1", ...from },
    ),
    ...(at && { systemNow: () => at }),
  });
  const mailedToken = (email: string): string => {
    const messages = readdirSync(mailFolder)
      .map((file) => readFileSync(join(mailFolder, file), "utf8").replaceAll("=\n", "").replaceAll("=3D", "="))
      .filter((text) => text.includes(`To: ${email}`));
    const tokens = messages.map((text) => /#token=([\w.-]+)/.exec(text)?.[1] ?? "");
    const newest = tokens.at(-1);
    if (newest === undefined) throw new Error(`no message to ${email}`);
    return newest;
  };
  const invited: PeopleWorld["invited"] = async ({ email, roles, tenantId, name = "Nia New" }, by = admin()) => {
    await must(by, sources.invite, { email, name, roles: upper(roles), ...(tenantId && { tenantId }) });
    await world.settle();
    return mailedToken(email);
  };
  return {
    world,
    mailFolder,
    provider: () => admin().tenantId,
    ada: admin,
    visitor,
    ask,
    must,
    mailedToken,
    invited,
    newClient: async (name) => {
      const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
      const { tenant } = await must(admin(), source, { ...providerDetails, name });
      return (tenant as { id: TenantId }).id;
    },
    joined: async (who, password = goodPassword) => {
      const token = await invited(who);
      const { personId } = await must(visitor(), sources.accept, { token, password });
      return personId as PersonId;
    },
    callOf: ({ session, memberships }) => {
      const { id, tenantId, personId } = session as { id: string; tenantId: TenantId; personId: string };
      const [here] = (memberships as { tenantId: string; roles: string[] }[]).filter(
        (one) => one.tenantId === tenantId,
      );
      const isStaff = tenantId === admin().tenantId;
      const roles = (here?.roles ?? []).map((role) => role.toLowerCase() as Role);
      const ancestorIds = isStaff ? [] : [admin().tenantId];
      return { ...world.call({ tenantId, ancestorIds, staff: isStaff, personId, roles }), sessionId: id };
    },
  };
}

/** The authenticator's code for a secret, so many steps from now, or from the given instant. */
export const codeOf = (secret: string, steps = 0, from = new Date()): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: from.getTime() + steps * 30_000 });
