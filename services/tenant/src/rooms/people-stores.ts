import { systemScope } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { mongoAttemptStore } from "../adapters/mongo/attempt-store.js";
import {
  mongoAccountStore,
  mongoInvitationStore,
  mongoPersonStore,
  mongoRosterStore,
  mongoSessionStore,
} from "../adapters/mongo/people-stores.js";
import { heldIn } from "../domain/roster.js";
import { isOpen } from "../domain/session.js";
import { type PeopleLook } from "../usecases/standing.js";

/** What is kept about people: who they are, where they belong, how they prove it, where they are signed in. */
export interface PeopleStores {
  readonly people: ReturnType<typeof mongoPersonStore>;
  readonly rosters: ReturnType<typeof mongoRosterStore>;
  readonly invitations: ReturnType<typeof mongoInvitationStore>;
  readonly accounts: ReturnType<typeof mongoAccountStore>;
  readonly sessions: ReturnType<typeof mongoSessionStore>;
  readonly attempts: ReturnType<typeof mongoAttemptStore>;
}

export function peopleStores(database: Database): PeopleStores {
  const rosters = mongoRosterStore(database);
  return {
    rosters,
    people: mongoPersonStore(database, rosters),
    invitations: mongoInvitationStore(database),
    accounts: mongoAccountStore(database),
    sessions: mongoSessionStore(database),
    attempts: mongoAttemptStore(database),
  };
}

/** What the gateway wants to know of a person's token: the roles of this moment, and whether the sign-in still stands. */
export const peopleLook = ({ rosters, sessions }: Pick<PeopleStores, "rosters" | "sessions">): PeopleLook => ({
  rolesNow: async (tenantId, personId) => heldIn(await rosters.find(systemScope("standing"), tenantId), personId),
  isOpen: async (sessionId, now) => {
    const session = await sessions.find(systemScope("standing"), sessionId);
    return session !== undefined && isOpen(session, now);
  },
});
