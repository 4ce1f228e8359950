import { type AskOidc, type AskStanding } from "@greentick/contracts";
import { buildSubgraph, type Entity, type Subgraph } from "@greentick/graphql";
import { type PersonId, systemScope, type TenantId } from "@greentick/kernel";
import {
  auditRefusals,
  durableTimers,
  outboxRelay,
  type Outside,
  refusalCollection,
  type Service,
} from "@greentick/runtime";
import { jwksRoute } from "./adapters/http/jwks.js";
import { tokenForge } from "./adapters/jwt/token-forge.js";
import { mongoApiKeyStore, mongoKeyUses } from "./adapters/mongo/api-key-store.js";
import { mongoSigningKeyStore } from "./adapters/mongo/signing-key-store.js";
import { mongoGrantStore, mongoTenantStore } from "./adapters/mongo/tenant-store.js";
import { type TenantConfig } from "./config.js";
import { type Person } from "./domain/person.js";
import { type PagesAt } from "./ports/people.js";
import { type JwkSet } from "./domain/signing-keys.js";
import { maxTokenSeconds } from "./domain/token.js";
import { actingRoom } from "./rooms/acting.js";
import { auditTrail } from "./rooms/audit.js";
import { consent } from "./rooms/consent.js";
import { keysRoom } from "./rooms/keys.js";
import { organisations, type OrganisationParts } from "./rooms/organisations.js";
import { peopleRoom } from "./rooms/people.js";
import { peopleLook, peopleStores, type PeopleStores } from "./rooms/people-stores.js";
import { allOf, type Room } from "./rooms/room.js";
import { vault } from "./rooms/vault.js";
import { standingRoom } from "./rooms/standing.js";
import {
  type EnsuredProvider,
  ensureProvider,
  type EnsureProviderInput,
  findPerson,
  seedPerson,
  type SeedPersonInput,
} from "./usecases/ensure-provider.js";
import { readMe } from "./usecases/read-tenants.js";
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
  /** What a verified token or key is worth now. */
  readonly standing: AskStanding;
  /** For browsers on their way to an identity provider and back. */
  readonly oidc: AskOidc;
  /** Says where the pages for links are, unless the configuration has said it: the host knows once it listens. */
  readonly pagesAt: (url: string) => void;
  readonly issueToken: (input: IssueTokenInput) => Promise<IssuedToken>;
  /** A token in the person's home tenant. @throws NOT_FOUND/person_not_found. */
  readonly issueFor: (personId: PersonId, ttlSeconds?: number) => Promise<IssuedToken>;
  /** The provider's tenant and people: created once, found ever after. */
  readonly ensureProvider: (input: EnsureProviderInput) => Promise<EnsuredProvider>;
  /** A person in any tenant, e.g. a client's owner; found again by e-mail. */
  readonly seedPerson: (input: SeedPersonInput) => Promise<Person>;
}

export type TenantService = Service<Subgraph> & { readonly identity: Identity };

interface Stores extends PeopleStores {
  readonly tenants: ReturnType<typeof mongoTenantStore>;
  readonly grants: ReturnType<typeof mongoGrantStore>;
  readonly keys: ReturnType<typeof mongoApiKeyStore>;
  readonly uses: ReturnType<typeof mongoKeyUses>;
  readonly refusals: ReturnType<typeof auditRefusals>;
}

const storesOf = ({ database }: Outside): Stores => ({
  tenants: mongoTenantStore(database),
  ...peopleStores(database),
  grants: mongoGrantStore(database),
  keys: mongoApiKeyStore(database),
  uses: mongoKeyUses(database),
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
  const timers = durableTimers(outside);
  const standing = standingRoom(outside, { ...stores, people: peopleLook(stores) });
  const sign = signToken(keyPorts);
  const pages = pagesOf(config);
  const peopleHere = peopleRoom(outside, { settings: config.people, tenants, stores, refusals, sign, pages: pages.at });
  const rooms = [
    organisations({ tenants, timers, refusals, policy: config.retention, others: beside(stores, keyPorts) }),
    consent({ outside, tenants, timers, refusals, policy: config.retention }),
    peopleHere,
    actingRoom({ ...stores, sign }),
    keysRoom(outside, stores),
    standing,
    auditTrail({ outside, refusals, tenants, keys: keyPorts.keys, standing: standing.ask, apiKeys: stores.keys }),
    vault(outside),
    signingKeys(keys),
  ];
  const timerSpecs = allOf(rooms, "timers");
  return {
    name: "tenant",
    schema: await buildSubgraph({
      name: "tenant",
      missed: refusals.missed,
      denied: refusals.denied,
      resolvers: allOf(rooms, "resolvers"),
      entities: Object.assign({}, ...rooms.map(({ entities }) => entities)) as Readonly<Record<string, Entity>>,
    }),
    routes: allOf(rooms, "routes"),
    internal: allOf(rooms, "internal"),
    handlers: allOf(rooms, "handlers"),
    timers: timerSpecs,
    jobs: [
      outboxRelay({ database, bus, log, collections: [...allOf(rooms, "collections"), refusalCollection] }),
      timers.job(timerSpecs),
      ...allOf(rooms, "jobs"),
    ],
    indexes: async () => {
      for (const store of [...allOf(rooms, "stores"), refusals]) await store.ensureIndexes();
      await timers.indexes();
      await ensureSigningKey(keyPorts)(outside.clocks.system());
    },
    health: async () => {
      const published = await keys();
      return { ok: published.keys.length > 0, detail: { signingKeys: published.keys.length } };
    },
    close: () => Promise.resolve(),
    identity: {
      ...identityOf(outside, { tenants, people, rosters: stores.rosters, issue, keys, standing: standing.ask }),
      oidc: peopleHere.askOidc,
      pagesAt: pages.say,
    },
  };
}

/** Where a gateway in a process of its own listens by default. */
const usualGateway = "http://127.0.0.1:4000";

function pagesOf({ people: { pagesAt } }: TenantConfig): { readonly at: PagesAt; readonly say: (url: string) => void } {
  let said = usualGateway;
  return {
    at: () => pagesAt ?? said,
    say: (url) => {
      said = url;
    },
  };
}

const signingKeys = (keys: () => Promise<JwkSet>): Room => ({ routes: [jwksRoute(keys)], stores: [] });

/** What the resolver of tenants shows of people and signing keys. */
function beside({ tenants, people, refusals }: Stores, keyPorts: KeyPorts): OrganisationParts["others"] {
  const { refusing } = refusals;
  return {
    readMe: readMe({ tenants, people }),
    rotateSigningKey: refusing("rotateSigningKey", rotateSigningKey(keyPorts)),
  };
}

interface IdentityParts {
  readonly rosters: PeopleStores["rosters"];
  readonly tenants: ReturnType<typeof mongoTenantStore>;
  readonly people: PeopleStores["people"];
  readonly issue: ReturnType<typeof issueToken>;
  readonly keys: () => Promise<JwkSet>;
  readonly standing: AskStanding;
}

/** In-process identity: every call acts as this service, with the one permission that no person holds. */
function identityOf(
  { calls }: Outside,
  { tenants, people, rosters, issue, keys, standing }: IdentityParts,
): Omit<Identity, "oidc" | "pagesAt"> {
  const as = (tenantId: TenantId, livemode: boolean): ReturnType<typeof calls.system> =>
    calls.system("tenant", { tenantId, ancestorIds: [], livemode }, ["identity:issue"]);
  const anywhere = (): ReturnType<typeof calls.system> => as(calls.newId("tenant"), true);
  return {
    keys,
    standing,
    issueToken: (input) => issue(as(input.tenantId, true), input),
    issueFor: async (personId, ttlSeconds) => {
      const person = await findPerson({ people })(anywhere(), personId);
      const input = { personId, tenantId: person.tenantId, ...(ttlSeconds !== undefined && { ttlSeconds }) };
      return issue(as(person.tenantId, person.livemode), input);
    },
    ensureProvider: (input) =>
      ensureProvider({ tenants, people, rosters })(as(calls.newId("tenant"), input.livemode), input),
    seedPerson: async (input) => {
      const home = await tenants.get(systemScope("start-up"), input.tenantId);
      return seedPerson({ tenants, people, rosters })(as(home.id, home.livemode), input);
    },
  };
}
