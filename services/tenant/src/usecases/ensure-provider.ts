import { event, personAdded } from "@greentick/contracts";
import { allow, type Call, type PersonId, type Role, systemScope, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "../domain/errors.js";
import { addPerson, type Person } from "../domain/person.js";
import { entryOf, join, type Roster } from "../domain/roster.js";
import { openProvider, type Tenant, type TenantDetails } from "../domain/tenant.js";
import { type PersonStore, type TenantStore } from "../ports.js";
import { type RosterStore } from "../ports/people.js";
import { changeRoster, type RosterChange } from "./people/rosters.js";
import { created } from "./tenant-events.js";

interface Stores {
  readonly tenants: TenantStore;
  readonly people: PersonStore;
  readonly rosters: RosterStore;
}

export interface SeedPersonInput {
  /** The person's home. */
  readonly tenantId: TenantId;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
}
export type SeedPerson = (call: Call, input: SeedPersonInput) => Promise<Person>;

/** Adds a person, or returns the one who has this e-mail address there; who has left stays away. For the platform's start. */
export const seedPerson =
  ({ tenants, people, rosters }: Stores): SeedPerson =>
  async (call, { tenantId, ...wanted }) => {
    allow(call, "identity:issue");
    const tenant = await tenants.get(systemScope("start-up"), tenantId);
    const fresh = addPerson(tenant, { id: call.newId("person"), ...wanted });
    const known = (): Promise<Person | undefined> =>
      people.findByEmail(systemScope("start-up"), tenant.id, fresh.email);
    const person = (await known()) ?? (await inserted(people, call, { fresh, known }));
    await changeRoster(rosters, call, { tenant, change: (before) => enteredIn(before, person, { call, wanted }) });
    return (await people.find(systemScope("start-up"), person.id)) ?? person;
  };

interface Inserting {
  readonly fresh: Person;
  readonly known: () => Promise<Person | undefined>;
}

const inserted = (people: PersonStore, call: Call, { fresh, known }: Inserting): Promise<Person> =>
  people.insert(call, fresh, []).catch(async (error: unknown) => {
    const first = await known();
    if (first === undefined) throw error;
    return first;
  });

interface Wanted {
  readonly call: Call;
  readonly wanted: Pick<SeedPersonInput, "roles">;
}

function enteredIn(before: Roster, { id, name, email }: Person, { call, wanted }: Wanted): RosterChange {
  if (entryOf(before, id) !== undefined) return { roster: before, events: [] };
  const roster = join(before, { personId: id, name, email, roles: wanted.roles }, call.now());
  const roles = [...(entryOf(roster, id)?.roles ?? [])];
  return { roster, events: [event(personAdded, { personId: id, name, roles })] };
}

export interface EnsureProviderInput extends TenantDetails {
  readonly livemode: boolean;
  readonly people: readonly Omit<SeedPersonInput, "tenantId">[];
}
export interface EnsuredProvider {
  readonly tenant: Tenant;
  readonly people: readonly Person[];
}
export type EnsureProvider = (call: Call, input: EnsureProviderInput) => Promise<EnsuredProvider>;

/**
 * The provider's own tenant and its people. A deployment has one provider: when it exists its details stay as they are, and only
 * missing people are added. The call's tenant becomes the provider's id on a first start.
 */
export const ensureProvider =
  (stores: Stores): EnsureProvider =>
  async (call, { people, ...details }) => {
    allow(call, "identity:issue");
    const tenant = await providerTenant(stores.tenants, call, details);
    const seed = seedPerson(stores);
    const found: Person[] = [];
    for (const person of people) found.push(await seed(call, { ...person, tenantId: tenant.id }));
    return { tenant, people: found };
  };

async function providerTenant(
  tenants: TenantStore,
  call: Call,
  details: Omit<EnsureProviderInput, "people">,
): Promise<Tenant> {
  const known = (): Promise<Tenant | undefined> => tenants.findProvider(systemScope("start-up"));
  const before = await known();
  if (before !== undefined) return before;
  const provider = openProvider({ ...details, id: call.tenantId }, call.now());
  return tenants.insert(call, provider, [created(provider)]).catch(async (error: unknown) => {
    const first = await known();
    if (first === undefined) throw error;
    return first;
  });
}

/** A person's record wherever it is at home. @throws NOT_FOUND/person_not_found. For the platform's start. */
export const findPerson =
  ({ people }: Pick<Stores, "people">) =>
  async (call: Call, id: PersonId): Promise<Person> => {
    allow(call, "identity:issue");
    const person = await people.find(systemScope("sign-in"), id);
    if (person === undefined) throw tenantErrors.personNotFound(id);
    return person;
  };
