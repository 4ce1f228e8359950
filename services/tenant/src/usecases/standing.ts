import { type AskStanding, type Standing, type StandingQuestion } from "@greentick/contracts";
import {
  type Clock,
  keyScopes,
  type Log,
  type PersonId,
  type Role,
  systemScope,
  type TenantId,
} from "@greentick/kernel";
import { type ApiKey, statusOfSecret } from "../domain/api-key.js";
import { type Worth, worthOfGrant, worthOfRoles, worthOfScopes } from "../domain/standing.js";
import { type Tenant } from "../domain/tenant.js";
import { type ApiKeyStore, type KeyUses } from "../ports/keys.js";
import { type GrantStore, type TenantStore } from "../ports.js";

/** What the people's side knows of a credential. */
export interface PeopleLook {
  /** The roles that the person holds in the tenant now; none for somebody who left or is deactivated. */
  readonly rolesNow: (tenantId: TenantId, personId: PersonId) => Promise<readonly Role[]>;
  /** Whether the sign-in is still in force. */
  readonly isOpen: (sessionId: string, now: Date) => Promise<boolean>;
}

export interface StandingPorts {
  readonly tenants: TenantStore;
  readonly grants: GrantStore;
  readonly people: PeopleLook;
  readonly keys: ApiKeyStore;
  readonly uses: KeyUses;
  /** Hears of a key that somebody still uses although it is over; it keeps its own failures to itself. */
  readonly overUsed: (key: ApiKey, why: OverKey) => Promise<void>;
  /** System time. */
  readonly now: Clock;
  readonly log: Log;
}

const scope = systemScope("standing");

/**
 * What a verified credential is worth now: whose it is, whether anybody ended it, what its roles or scopes hold today, and how its tenant
 * stands. For the gateway; nothing of it is reachable by a caller.
 */
export function askStanding(given: StandingPorts): AskStanding {
  const ports: Ports = { ...given, above: new Map() };
  return (question) => {
    if (question.kind === "person") return ofPerson(ports, question);
    return question.kind === "grant" ? ofGrant(ports, question) : ofKey(ports, question);
  };
}

type Ports = StandingPorts & { readonly above: Above };

type Asked<K extends StandingQuestion["kind"]> = Extract<StandingQuestion, { kind: K }>;

const answer = (worth: Worth): Standing => (worth.good ? { ...worth, permissions: [...worth.permissions] } : worth);

interface Place {
  readonly tenant: Tenant;
  readonly ancestors: readonly Tenant[];
}

/** Who is above a tenant, as seen last: only to read them together with it. */
type Above = Map<TenantId, readonly TenantId[]>;
const mostRemembered = 10_000;

/**
 * The tenant and everybody above it, in one read when those above are known from before or guessed well. Undefined for a tenant that was erased
 * altogether. @throws Error when one above it is missing: then nothing can be said.
 */
async function placeOf(ports: Ports, tenantId: TenantId, guess?: readonly TenantId[]): Promise<Place | undefined> {
  const { tenants, above } = ports;
  const guessed = guess ?? above.get(tenantId) ?? [];
  const [tenant, ...first] = await tenants.getMany(scope, [tenantId, ...guessed]);
  if (tenant === undefined) return undefined;
  const { ancestorIds } = tenant;
  const asGuessed = ancestorIds.length === guessed.length && ancestorIds.every((id, at) => id === guessed[at]);
  if (above.size >= mostRemembered) above.clear();
  above.set(tenantId, ancestorIds);
  const found = asGuessed ? first : await tenants.getMany(scope, ancestorIds);
  const ancestors = found.filter((one) => one !== undefined);
  if (ancestors.length < ancestorIds.length) throw new Error(`the tenant ${tenantId} lacks one of its ancestors`);
  return { tenant, ancestors };
}

const isOpen = (ports: Ports, sessionId: string | undefined): Promise<boolean> =>
  sessionId === undefined ? Promise.resolve(true) : ports.people.isOpen(sessionId, ports.now());

async function ofPerson(ports: Ports, { tenantId, personId, sessionId }: Asked<"person">): Promise<Standing> {
  const [place, roles, open] = await Promise.all([
    placeOf(ports, tenantId),
    ports.people.rolesNow(tenantId, personId as PersonId),
    isOpen(ports, sessionId),
  ]);
  if (!open) return { good: false, ended: "session_ended" };
  if (place === undefined) return { good: false, ended: "access_withdrawn" };
  return answer(worthOfRoles(place, roles));
}

async function ofGrant(ports: Ports, { tenantId, grantId }: Asked<"grant">): Promise<Standing> {
  const [place, grant] = await Promise.all([placeOf(ports, tenantId), ports.grants.find(scope, grantId)]);
  if (place === undefined || grant?.tenantId !== tenantId) return { good: false, ended: "grant_ended" };
  const [roles, open] = await Promise.all([
    ports.people.rolesNow(grant.staffTenantId, grant.staffId),
    isOpen(ports, grant.sessionId),
  ]);
  return answer(worthOfGrant(place, grant, { at: ports.now(), roles: open ? roles : [] }));
}

const keyEnds = { expired: "api_key_expired", revoked: "api_key_revoked" } as const;
export type OverKey = (typeof keyEnds)[keyof typeof keyEnds];

async function ofKey(ports: Ports, { hash }: Asked<"key">): Promise<Standing> {
  const key = await ports.keys.findByHash(scope, hash);
  if (key === undefined) return { good: false, ended: "api_key_unknown" };
  const now = ports.now();
  const status = statusOfSecret(key, hash, now);
  if (status !== "active") {
    await ports.overUsed(key, keyEnds[status]);
    return { good: false, ended: keyEnds[status] };
  }
  const place = await placeOf(ports, key.tenantId, key.ancestorIds);
  if (place?.tenant.livemode !== key.livemode) return { good: false, ended: "api_key_unknown" };
  const worth = worthOfScopes(place, key.scopes, keyScopes);
  if (!worth.good) return answer(worth);
  await ports.uses.touch(key, now).catch((err: unknown) => {
    ports.log.error({ err, apiKeyId: key.id }, "last use of an API key could not be kept");
  });
  const { id, tenantId, ancestorIds, livemode, ipAllowList } = key;
  return {
    good: true,
    tenantStanding: worth.tenantStanding,
    permissions: [...worth.permissions],
    key: { id, tenantId, ancestorIds: [...ancestorIds], livemode, ipAllowList: [...ipAllowList] },
  };
}
