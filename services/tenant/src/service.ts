import { buildSubgraph, type Entity, type Subgraph } from "@greentick/graphql";
import { type PersonId, systemScope, type TenantId } from "@greentick/kernel";
import { auditRefusals, outboxRelay, type Outside, refusalCollection, type Service } from "@greentick/runtime";
import { auditConsumer } from "./adapters/events/audit.js";
import { lifecycleConsumer } from "./adapters/events/lifecycle.js";
import { TenantResolver } from "./adapters/graphql/tenant.resolver.js";
import { toTenant } from "./adapters/graphql/types.js";
import { jwksRoute } from "./adapters/http/jwks.js";
import { tokenForge } from "./adapters/jwt/token-forge.js";
import { mongoAuditStore } from "./adapters/mongo/audit-store.js";
import { mongoSigningKeyStore } from "./adapters/mongo/signing-key-store.js";
import {
  hashOf,
  mongoGrantStore,
  mongoPersonStore,
  mongoTenantStore,
  tenantCollections,
} from "./adapters/mongo/tenant-store.js";
import { type TenantConfig } from "./config.js";
import { type Person } from "./domain/person.js";
import { type JwkSet } from "./domain/signing-keys.js";
import { maxTokenSeconds } from "./domain/token.js";
import { allOf, type Room } from "./rooms/room.js";
import { actFor } from "./usecases/act-for.js";
import { changeTenantStatus, followTenant } from "./usecases/change-tenant-status.js";
import { createTenant } from "./usecases/create-tenant.js";
import {
  type EnsuredProvider,
  ensureProvider,
  type EnsureProviderInput,
  findPerson,
  seedPerson,
  type SeedPersonInput,
} from "./usecases/ensure-provider.js";
import { keepAudit } from "./usecases/keep-audit.js";
import { listGrants, listTenants, readAuditTrail, readMe, readTenants } from "./usecases/read-tenants.js";
import { renameTenant } from "./usecases/rename-tenant.js";
import {
  ensureSigningKey,
  type IssuedToken,
  issueToken,
  type IssueTokenInput,
  type KeyPorts,
  publishedKeys,
  rotateSigningKey,
  signToken,
} from "./usecases/sign-in.js";

/** What the process that hosts everything uses directly: keys to verify tokens with, and tokens for the people of a first start. */
interface Identity {
  /** The keys that verifiers accept now. */
  readonly keys: () => Promise<JwkSet>;
  readonly issueToken: (input: IssueTokenInput) => Promise<IssuedToken>;
  /** A token in the person's home tenant. @throws NOT_FOUND/person_not_found. */
  readonly issueFor: (personId: PersonId, ttlSeconds?: number) => Promise<IssuedToken>;
  /** The provider's tenant and people: created once, found ever after. */
  readonly ensureProvider: (input: EnsureProviderInput) => Promise<EnsuredProvider>;
  /** A person in any tenant, e.g. a client's owner; found again by e-mail. */
  readonly seedPerson: (input: SeedPersonInput) => Promise<Person>;
}

export type TenantService = Service<Subgraph> & { readonly identity: Identity };

interface Stores {
  readonly tenants: ReturnType<typeof mongoTenantStore>;
  readonly people: ReturnType<typeof mongoPersonStore>;
  readonly grants: ReturnType<typeof mongoGrantStore>;
  readonly audit: ReturnType<typeof mongoAuditStore>;
  readonly refusals: ReturnType<typeof auditRefusals>;
}

const storesOf = ({ database }: Outside): Stores => ({
  tenants: mongoTenantStore(database),
  people: mongoPersonStore(database),
  grants: mongoGrantStore(database),
  audit: mongoAuditStore(database),
  refusals: auditRefusals(database, "tenant"),
});

/** The wiring: outside things in, the service out. One wiring for a process of its own, for the whole platform in one, and for tests. */
export async function buildTenantService(config: TenantConfig, outside: Outside): Promise<TenantService> {
  const { database, bus, log } = outside;
  const stores = storesOf(outside);
  const { tenants, people, refusals } = stores;
  const keyPorts = {
    keys: mongoSigningKeyStore(database),
    forge: tokenForge(outside.sealer),
    rotation: { leadMs: config.keyLeadMs, overlapMs: maxTokenSeconds * 1000 },
  };
  const issue = issueToken({ tenants, people, sign: signToken(keyPorts), ttlSeconds: config.tokenTtlSeconds });
  const keys = (): Promise<JwkSet> => publishedKeys(keyPorts)(outside.clocks.system());
  const rooms = [organisations(stores, keyPorts), auditTrail(stores), signingKeys(keys)];
  return {
    name: "tenant",
    schema: await buildSubgraph({
      name: "tenant",
      resolvers: allOf(rooms, "resolvers"),
      entities: Object.assign({}, ...rooms.map(({ entities }) => entities)) as Readonly<Record<string, Entity>>,
    }),
    routes: allOf(rooms, "routes"),
    handlers: allOf(rooms, "handlers"),
    timers: allOf(rooms, "timers"),
    jobs: [
      outboxRelay({ database, bus, log, collections: [...allOf(rooms, "collections"), refusalCollection] }),
      ...allOf(rooms, "jobs"),
    ],
    indexes: async () => {
      for (const store of [...allOf(rooms, "stores"), refusals]) await store.ensureIndexes();
      await ensureSigningKey(keyPorts)(outside.clocks.system());
    },
    health: async () => {
      const published = await keys();
      return { ok: published.keys.length > 0, detail: { signingKeys: published.keys.length } };
    },
    close: () => Promise.resolve(),
    identity: identityOf(outside, { tenants, people, issue, keys }),
  };
}

const signingKeys = (keys: () => Promise<JwkSet>): Room => ({ routes: [jwksRoute(keys)], stores: [] });

const auditTrail = ({ audit }: Stores): Room => ({ handlers: [auditConsumer(keepAudit({ audit }))], stores: [audit] });

function organisations({ tenants, people, grants, audit, refusals }: Stores, keyPorts: KeyPorts): Room {
  const { refusing } = refusals;
  const read = readTenants({ tenants });
  const resolver = new TenantResolver({
    readMe: readMe({ tenants, people }),
    readTenants: read,
    listTenants: refusing("listTenants", listTenants({ tenants })),
    listGrants: refusing("listGrants", listGrants({ tenants, grants })),
    readAuditTrail: refusing("readAuditTrail", readAuditTrail({ audit })),
    createTenant: refusing("createTenant", createTenant({ tenants, hashOf })),
    renameTenant: refusing("renameTenant", renameTenant({ tenants })),
    changeTenantStatus: refusing("changeTenantStatus", changeTenantStatus({ tenants })),
    actFor: refusing("actFor", actFor({ tenants, people, grants, sign: signToken(keyPorts) })),
    rotateSigningKey: refusing("rotateSigningKey", rotateSigningKey(keyPorts)),
  });
  const load: Entity["load"] = async (call, ids) => (await read(call, ids)).map((tenant) => tenant && toTenant(tenant));
  return {
    resolvers: [resolver],
    entities: { Tenant: { permission: "tenant:read", load } },
    handlers: [lifecycleConsumer(followTenant({ tenants }))],
    stores: [tenants, people, grants],
    collections: tenantCollections,
  };
}

interface IdentityParts {
  readonly tenants: ReturnType<typeof mongoTenantStore>;
  readonly people: ReturnType<typeof mongoPersonStore>;
  readonly issue: ReturnType<typeof issueToken>;
  readonly keys: () => Promise<JwkSet>;
}

/** In-process identity: every call acts as this service, with the one permission that no person holds. */
function identityOf({ calls }: Outside, { tenants, people, issue, keys }: IdentityParts): Identity {
  const as = (tenantId: TenantId, livemode: boolean): ReturnType<typeof calls.system> =>
    calls.system("tenant", { tenantId, ancestorIds: [], livemode }, ["identity:issue"]);
  const anywhere = (): ReturnType<typeof calls.system> => as(calls.newId("tenant"), true);
  return {
    keys,
    issueToken: (input) => issue(as(input.tenantId, true), input),
    issueFor: async (personId, ttlSeconds) => {
      const person = await findPerson({ people })(anywhere(), personId);
      const input = { personId, tenantId: person.tenantId, ...(ttlSeconds !== undefined && { ttlSeconds }) };
      return issue(as(person.tenantId, person.livemode), input);
    },
    ensureProvider: (input) => ensureProvider({ tenants, people })(as(calls.newId("tenant"), input.livemode), input),
    seedPerson: async (input) => {
      const home = await tenants.get(systemScope("start-up"), input.tenantId);
      return seedPerson({ tenants, people })(as(home.id, home.livemode), input);
    },
  };
}
