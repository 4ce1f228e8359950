import { AppError, type Call, systemScope } from "@greentick/kernel";
import { type Outside, type RefusalAudit, type Route, type UseCase } from "@greentick/runtime";
import { peopleConsumer } from "../adapters/events/people.js";
import { EntranceResolver } from "../adapters/graphql/entrance.resolver.js";
import { OwnAccountResolver } from "../adapters/graphql/own-account.resolver.js";
import { PeopleResolver } from "../adapters/graphql/people.resolver.js";
import { oidcRoutes } from "../adapters/http/oidc.js";
import { mailer } from "../adapters/mail/mailer.js";
import { mongoPeopleEraser } from "../adapters/mongo/people-eraser.js";
import { peopleCollections } from "../adapters/mongo/people-stores.js";
import { mongoOneTimeStore } from "../adapters/mongo/one-time-store.js";
import { commonPasswords } from "../adapters/sign-in/common-passwords.js";
import { oidcProvider } from "../adapters/sign-in/oidc.js";
import { passwordHasher } from "../adapters/sign-in/password-hasher.js";
import { refreshTokensOf, secretsOf } from "../adapters/sign-in/secrets.js";
import { totp } from "../adapters/sign-in/totp.js";
import { tenantErrors } from "../domain/errors.js";
import { type PeopleSettings } from "../people-config.js";
import { type PeopleEraser } from "../ports/people.js";
import { type TenantStore } from "../ports.js";
import { acceptInvitation, finishJoining } from "../usecases/people/accept-invitation.js";
import { beginSecondFactor, completeSecondFactor, signIn } from "../usecases/people/enter.js";
import { type EnterPorts } from "../usecases/people/enter-ports.js";
import { endSessionsOfThoseWhoLeft, sendInvitation, sendReset } from "../usecases/people/follow-people.js";
import {
  changePersonRoles,
  changePersonStanding,
  invitePerson,
  listInvitations,
  listPeople,
  type PeoplePorts,
  resendInvitation,
  withdrawInvitation,
} from "../usecases/people/manage-people.js";
import { finishOidc, finishSignIn, type OidcPorts, startOidc } from "../usecases/people/oidc.js";
import {
  changePassword,
  confirmSecondFactor,
  disableSecondFactor,
  enrolSecondFactor,
  renewRecoveryCodes,
} from "../usecases/people/own-account.js";
import { prove } from "../usecases/people/prove.js";
import { tellOfEndpoint } from "../usecases/people/tell-of-endpoints.js";
import { requestPasswordReset, resetPassword } from "../usecases/people/reset-password.js";
import {
  listSessions,
  refreshSession,
  revokeAllSessions,
  revokeSession,
  signOut,
  switchTenant,
} from "../usecases/people/sessions.js";
import { type SignToken } from "../usecases/sign-in.js";
import { type PeopleStores } from "./people-stores.js";
import { type Room } from "./room.js";

export interface PeopleParts {
  readonly settings: PeopleSettings;
  readonly tenants: TenantStore;
  readonly stores: PeopleStores;
  readonly refusals: RefusalAudit;
  readonly sign: SignToken;
}

/** People: who belongs to a tenant, how somebody comes in, and how somebody proves to be herself. */
export function peopleRoom(outside: Outside, { settings, tenants, stores, refusals, sign }: PeopleParts): Room {
  const { refusing } = refusals;
  const { rules } = settings;
  const { people, rosters, invitations, accounts, sessions, attempts } = stores;
  const secrets = secretsOf(outside.randomBytes, outside.sealer);
  const oneTime = mongoOneTimeStore(outside.database);
  const proving = { ...stores, secrets, totp, hasher: passwordHasher() };
  const ports: EnterPorts & OidcPorts = {
    ...{ ...proving, tenants, rules, sign, oneTime },
    refreshTokens: refreshTokensOf(outside.randomBytes, outside.sealer),
    isCommon: commonPasswords(),
    prove: prove(proving),
  };
  const doors = auditedDoors(ports, refusals);
  return {
    resolvers: [
      new PeopleResolver(managing({ tenants, ...stores, secrets }, refusing)),
      new OwnAccountResolver(own(ports, refusing)),
      new EntranceResolver(doors),
    ],
    routes: oidcDoor(ports, outside, { settings, refusing }),
    handlers: [following(outside, { settings, ports, eraser: mongoPeopleEraser(outside.database, rosters) })],
    stores: [people, rosters, invitations, accounts, sessions, attempts, oneTime],
    collections: peopleCollections,
  };
}

type Refusing = RefusalAudit["refusing"];

const managing = (ports: PeoplePorts, refusing: Refusing): ConstructorParameters<typeof PeopleResolver>[0] => ({
  listPeople: refusing("listPeople", listPeople(ports)),
  listInvitations: refusing("listInvitations", listInvitations(ports)),
  invitePerson: refusing("invitePerson", invitePerson(ports)),
  resendInvitation: refusing("resendInvitation", resendInvitation(ports)),
  withdrawInvitation: refusing("withdrawInvitation", withdrawInvitation(ports)),
  changeRoles: refusing("changeRoles", changePersonRoles(ports)),
  deactivatePerson: refusing("deactivatePerson", changePersonStanding(ports, "deactivated")),
  reactivatePerson: refusing("reactivatePerson", changePersonStanding(ports, "active")),
  removeFromTenant: refusing("removeFromTenant", changePersonStanding(ports, "removed")),
});

const own = (ports: EnterPorts, refusing: Refusing): ConstructorParameters<typeof OwnAccountResolver>[0] => ({
  listSessions: refusing("listSessions", listSessions(ports)),
  signOut: refusing("signOut", signOut(ports)),
  revokeSession: refusing("revokeSession", revokeSession(ports)),
  revokeAllSessions: refusing("revokeAllSessions", revokeAllSessions(ports)),
  switchTenant: refusing("switchTenant", switchTenant(ports, tenantErrors.notFound)),
  changePassword: quietly(refusing, "changePassword", changePassword(ports)),
  enrolSecondFactor: quietly(refusing, "enrolSecondFactor", enrolSecondFactor(ports)),
  confirmSecondFactor: refusing("confirmSecondFactor", confirmSecondFactor(ports)),
  disableSecondFactor: quietly(refusing, "disableSecondFactor", disableSecondFactor(ports)),
  renewRecoveryCodes: refusing("renewRecoveryCodes", renewRecoveryCodes(ports)),
});

/** What visitors may ask. A failed attempt stands in the trail of the tenant whose person it was about. */
function auditedDoors(
  ports: EnterPorts & OidcPorts,
  { refusing }: RefusalAudit,
): ConstructorParameters<typeof EntranceResolver>[0] {
  const entering = quietly(refusing, "signIn", signIn(ports));
  return {
    signIn: async (call, input) => {
      ports.hasher.admit();
      return entering(await atHome(ports, call, input.email), input);
    },
    finishSignIn: refusing("finishSignIn", finishSignIn(ports)),
    refreshSession: refusing("refreshSession", refreshSession(ports)),
    acceptInvitation: quietly(refusing, "acceptInvitation", acceptInvitation(ports)),
    requestPasswordReset: quietly(refusing, "requestPasswordReset", requestPasswordReset(ports)),
    resetPassword: quietly(refusing, "resetPassword", resetPassword(ports)),
    beginSecondFactor: refusing("beginSecondFactor", beginSecondFactor(ports)),
    completeSecondFactor: quietly(refusing, "completeSecondFactor", completeSecondFactor(ports)),
  };
}

async function atHome({ accounts }: EnterPorts, call: Call, email: string): Promise<Call> {
  const account = await accounts.findByEmail(systemScope("sign-in"), email.trim().toLowerCase());
  if (account === undefined) return call;
  const { tenantId, ancestorIds, livemode } = account;
  return { ...call, tenantId, ancestorIds, livemode };
}

/** As `refusing`, but "come back later" leaves no line in the trail: a flood must not fill it. */
function quietly<A extends readonly unknown[], R>(
  refusing: Refusing,
  action: string,
  useCase: UseCase<A, R>,
): UseCase<A, R> {
  type Outcome = { readonly done: R } | { readonly later: AppError };
  const kept = refusing(action, async (call: Call, ...args: A): Promise<Outcome> => {
    try {
      return { done: await useCase(call, ...args) };
    } catch (error) {
      if (error instanceof AppError && error.code === "RATE_LIMITED") return { later: error };
      throw error;
    }
  });
  return async (call, ...args) => {
    const outcome = await kept(call, ...args);
    if ("later" in outcome) throw outcome.later;
    return outcome.done;
  };
}

interface OidcDoor {
  readonly settings: PeopleSettings;
  readonly refusing: Refusing;
}

/** No routes where no identity provider is configured. */
function oidcDoor(ports: OidcPorts, { calls }: Outside, { settings, refusing }: OidcDoor): readonly Route[] {
  const { oidc } = settings;
  if (oidc === undefined) return [];
  const provider = oidcProvider(oidc);
  return oidcRoutes({
    calls,
    start: startOidc(ports, provider),
    finish: refusing("finishOidc", finishOidc(ports, provider)),
    secure: oidc.redirectUrl.startsWith("https:"),
    ...(oidc.returnUrl !== undefined && { returnUrl: oidc.returnUrl }),
  });
}

interface Following {
  readonly settings: PeopleSettings;
  readonly ports: EnterPorts;
  readonly eraser: PeopleEraser;
}

const following = ({ log }: Outside, { settings, ports, eraser }: Following): NonNullable<Room["handlers"]>[number] => {
  const following = { ...ports, mailer: mailer(settings.mail, log) };
  return peopleConsumer({
    sendInvitation: sendInvitation(following),
    finishJoining: finishJoining(following),
    sendReset: sendReset(following),
    endSessions: endSessionsOfThoseWhoLeft(following),
    tellOfEndpoint: tellOfEndpoint(following),
    erasePeople: ({ tenantId }) => eraser.eraseTenant(tenantId),
  });
};
