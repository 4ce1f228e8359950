import { AppError, dayMs, type PersonId, type Scope, systemScope, versionConflict } from "@greentick/kernel";
import { aggregateStore, type AggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type Account } from "../../domain/account.js";
import { tenantErrors } from "../../domain/errors.js";
import { type Invitation } from "../../domain/invitation.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { type Person } from "../../domain/person.js";
import { heldIn, type Roster } from "../../domain/roster.js";
import { type Session } from "../../domain/session.js";
import { type PersonStore } from "../../ports.js";
import { type AccountStore, type InvitationStore, type RosterStore, type SessionStore } from "../../ports/people.js";

const text = { type: String, required: true } as const;
const optionalText = { type: String };
const instant = { type: Date, required: true } as const;
const words = { type: [String], required: true } as const;
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });

interface Indexed {
  readonly ensureIndexes: () => Promise<void>;
}

/** Collections of this domain whose documents carry events. */
export const peopleCollections = ["people", "rosters", "invitations", "accounts", "sessions"] as const;

export function mongoRosterStore(database: Database): RosterStore & Indexed {
  const rows = aggregateStore<Roster>({
    database,
    collection: "rosters",
    kind: "roster",
    schemaVersion: 1,
    state: {
      side: text,
      entries: [part({ personId: text, name: text, email: text, roles: words, standing: text, since: instant })],
    },
    indexes: [{ on: ["entries.personId"], acrossTenants: true, name: "person" }],
    notFound: tenantErrors.notFound,
    onDuplicate: () => tenantErrors.duplicate("roster"),
  });
  return {
    find: rows.find,
    withPerson: (scope, personId) => rows.findAll(scope, { "entries.personId": personId }),
    keep: async (call, roster, events) =>
      roster.version > 0 ? rows.save(call, roster, events) : inserted(rows, call, roster, events),
    ensureIndexes: rows.ensureIndexes,
  };
}

/** The first version of a tenant's roster is a race like any later one. */
const inserted = (
  rows: AggregateStore<Roster>,
  ...[call, roster, events]: Parameters<RosterStore["keep"]>
): Promise<Roster> =>
  rows.insert(call, roster, events).catch((error: unknown) => {
    throw isDuplicate(error) ? versionConflict("roster", roster.id) : error;
  });

const isDuplicate = (error: unknown): boolean => error instanceof AppError && error.reason === "duplicate";

/** A person's record at home, with what she holds in every tenant as the rosters say it now. */
export function mongoPersonStore(database: Database, rosters: RosterStore): PersonStore & Indexed {
  const rows = aggregateStore<Person>({
    database,
    collection: "people",
    kind: "person",
    schemaVersion: 2,
    state: { kind: text, name: text, email: text },
    indexes: [
      { on: ["email"], unique: true, name: "email" },
      { on: ["email"], acrossTenants: true, name: "email_anywhere" },
    ],
    notFound: tenantErrors.personNotFound,
    onDuplicate: tenantErrors.emailTaken,
    toRow: ({ kind, name, email }) => ({ kind, name, email }),
  });
  const anywhere = systemScope("sign-in");
  const complete = async (person: Person): Promise<Person> => {
    const held = (await rosters.withPerson(anywhere, person.id)).map((roster) => ({
      tenantId: roster.id,
      roles: heldIn(roster, person.id),
    }));
    return { ...person, memberships: held.filter(({ roles }) => roles.length > 0) };
  };
  /** Somebody at home elsewhere is seen by the tenants to which she belongs. */
  const visiting = async (scope: Scope, id: PersonId): Promise<Person | undefined> => {
    if (!("tenant" in scope)) return undefined;
    const roster = await rosters.find(scope, scope.tenant);
    return heldIn(roster, id).length > 0 ? rows.find(anywhere, id) : undefined;
  };
  const some = (found: readonly Person[]): Promise<readonly Person[]> => Promise.all(found.map(complete));
  return {
    find: async (scope, id) => {
      const person = (await rows.find(scope, id)) ?? (await visiting(scope, id));
      return person && complete(person);
    },
    findByEmail: async (scope, tenantId, email) => {
      const found = (await rows.findAll(scope, { email })).find((person) => person.tenantId === tenantId);
      return found && complete(found);
    },
    withEmail: async (scope, email) =>
      some([...(await rows.findAll(scope, { email }))].sort((a, b) => (a.id < b.id ? -1 : 1))),
    insert: async (call, person, events) => ({
      ...(await rows.insert(call, person, events)),
      memberships: person.memberships,
    }),
    ensureIndexes: rows.ensureIndexes,
  };
}

export function mongoInvitationStore(database: Database): InvitationStore & Indexed {
  const rows = aggregateStore<Invitation>({
    database,
    collection: "invitations",
    kind: "invitation",
    schemaVersion: 1,
    state: {
      email: text,
      name: text,
      roles: words,
      status: text,
      sending: { type: Number, required: true },
      nonce: text,
      tokenHash: text,
      expiresAt: instant,
      invitedBy: text,
      acceptedBy: optionalText,
    },
    notFound: peopleErrors.invitationNotFound,
  });
  return {
    get: rows.get,
    find: rows.find,
    list: (scope, page, { status }) => rows.list(scope, page, { ...(status !== undefined && { status }) }),
    openFor: (scope, email) => rows.findAll(scope, { email, status: "open" }),
    insert: (call, invitation, { events, input }) =>
      rows.insert(call, invitation, events, { mutation: "invitePerson", input }),
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}

export function mongoAccountStore(database: Database): AccountStore & Indexed {
  const rows = aggregateStore<Account>({
    database,
    collection: "accounts",
    kind: "account",
    schemaVersion: 1,
    state: {
      name: text,
      email: text,
      password: { type: part({ hash: text, since: instant, alone: { type: Boolean, required: true } }) },
      secondFactor: {
        type: part({ sealed: text, since: instant, lastStep: { type: Number, required: true }, recovery: words }),
      },
      enrolling: { type: part({ sealed: text, until: instant }) },
      devices: [part({ hash: text, lastUsed: instant })],
      reset: { type: part({ nonce: text, tokenHash: text, until: instant }) },
    },
    indexes: [{ on: ["email"], unique: true, acrossTenants: true, name: "email" }],
    notFound: tenantErrors.personNotFound,
    onDuplicate: tenantErrors.emailTaken,
  });
  return {
    find: rows.find,
    findByEmail: (scope, email) => rows.findOne(scope, { email }),
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}

/** Sessions are kept for a while after their time, so that their person still sees them; what happened stays in the trail. */
const shownAfterSeconds = (90 * dayMs) / 1000;

export function mongoSessionStore(database: Database): SessionStore & Indexed {
  const rows = aggregateStore<Session>({
    database,
    collection: "sessions",
    kind: "session",
    schemaVersion: 1,
    state: {
      personId: text,
      device: { type: String, default: "" },
      ip: { type: String, default: "" },
      means: words,
      startedAt: instant,
      authenticatedAt: { type: Date },
      lastUsedAt: instant,
      expiresAt: instant,
      number: { type: Number, required: true },
      refreshHash: text,
      endedAt: { type: Date },
      endedBecause: optionalText,
    },
    indexes: [{ on: ["personId"], acrossTenants: true, name: "person" }],
    notFound: peopleErrors.sessionNotFound,
    fromRow: (row) => withAuthentication(row as unknown as KeptSession),
  });
  const documents = database.db.collection<{ _id: string }>("sessions");
  const openIds = async (personId: string, now: Date): Promise<string[]> => {
    const open = { "state.personId": { $eq: personId }, "state.endedAt": null, "state.expiresAt": { $gt: now } };
    const found = await documents
      .find(open, { projection: { _id: 1 } })
      .sort({ "state.lastUsedAt": -1, _id: -1 })
      .toArray();
    return found.map(({ _id }) => _id);
  };
  return {
    find: rows.find,
    list: (scope, page, { personId }) => rows.list(scope, page, { personId }),
    open: async (scope, personId, now) =>
      (await rows.getMany(scope, await openIds(personId, now))).filter((one) => one !== undefined),
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: async () => {
      await rows.ensureIndexes();
      const longOver = { key: { "state.expiresAt": 1 }, name: "long_over", expireAfterSeconds: shownAfterSeconds };
      await documents.createIndexes([longOver]);
    },
  };
}

/** As an older process may have kept it. */
type KeptSession = Omit<Session, "authenticatedAt"> & { readonly authenticatedAt?: Date };

/** A session from before this was noted was begun by its own sign-in. */
const withAuthentication = (kept: KeptSession): Session => ({
  ...kept,
  authenticatedAt: kept.authenticatedAt ?? kept.startedAt,
});
