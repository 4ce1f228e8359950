import { type AskOidc, oidcPath, oidcQuestion } from "@greentick/contracts";
import { type InternalRoute, type Outside, type RefusalAudit } from "@greentick/runtime";
import { peopleConsumer } from "../adapters/events/people.js";
import { EntranceResolver } from "../adapters/graphql/entrance.resolver.js";
import { OwnAccountResolver } from "../adapters/graphql/own-account.resolver.js";
import { PeopleResolver } from "../adapters/graphql/people.resolver.js";
import { noOidcDoor, oidcDoor } from "../adapters/http/oidc.js";
import { mailer } from "../adapters/mail/mailer.js";
import { mongoPeopleEraser } from "../adapters/mongo/people-eraser.js";
import { peopleCollections } from "../adapters/mongo/people-stores.js";
import { mongoOneTimeStore } from "../adapters/mongo/one-time-store.js";
import { factorVault } from "../adapters/sign-in/factor-vault.js";
import { commonPasswords } from "../adapters/sign-in/common-passwords.js";
import { oidcProvider } from "../adapters/sign-in/oidc.js";
import { passwordHasher } from "../adapters/sign-in/password-hasher.js";
import { refreshTokensOf, secretsOf } from "../adapters/sign-in/secrets.js";
import { totp } from "../adapters/sign-in/totp.js";
import { tenantErrors } from "../domain/errors.js";
import { type PeopleSettings } from "../people-config.js";
import { type PagesAt, type PeopleEraser } from "../ports/people.js";
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
} from "../usecases/people/sessions.js";
import { switchTenant } from "../usecases/people/switch-tenant.js";
import { type SignToken } from "../usecases/sign-in.js";
import { atHome } from "./at-home.js";
import { type PeopleStores } from "./people-stores.js";
import { type Room } from "./room.js";
import { type Bounded, boundedRefusals } from "./visitor-trail.js";

export interface PeopleParts {
  readonly settings: PeopleSettings;
  readonly tenants: TenantStore;
  readonly stores: PeopleStores;
  readonly refusals: RefusalAudit;
  readonly sign: SignToken;
  readonly pages: PagesAt;
}

/** People: who belongs to a tenant, how somebody comes in, and how somebody proves to be herself. */
export function peopleRoom(
  outside: Outside,
  { settings, tenants, stores, refusals, sign, pages }: PeopleParts,
): Room & { readonly askOidc: AskOidc } {
  const refusing = boundedRefusals(refusals);
  const { rules } = settings;
  const { people, rosters, invitations, accounts, sessions, attempts } = stores;
  const secrets = secretsOf(outside.randomBytes, outside.sealer);
  const oneTime = mongoOneTimeStore(outside.database);
  const proving = { ...stores, secrets, totp, factors: factorVault(outside.vault), hasher: passwordHasher() };
  const ports: EnterPorts & OidcPorts = {
    ...{ ...proving, tenants, rules, sign, oneTime },
    refreshTokens: refreshTokensOf(outside.randomBytes, outside.sealer),
    isCommon: commonPasswords(),
    prove: prove(proving),
  };
  const askOidc = doorElsewhere(ports, outside, { settings, refusing });
  const doors = auditedDoors(ports, refusing);
  return {
    resolvers: [
      new PeopleResolver(managing({ tenants, ...stores, secrets }, refusing)),
      new OwnAccountResolver(own(ports, refusing)),
      new EntranceResolver(doors),
    ],
    askOidc,
    internal: [toldToGateways(askOidc)],
    handlers: [following(outside, { settings, ports, pages, eraser: mongoPeopleEraser({ ...outside, rosters }) })],
    stores: [people, rosters, invitations, accounts, sessions, attempts, oneTime],
    collections: peopleCollections,
  };
}

type Refusing = Bounded;

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
  changePassword: refusing("changePassword", changePassword(ports)),
  enrolSecondFactor: refusing("enrolSecondFactor", enrolSecondFactor(ports)),
  confirmSecondFactor: refusing("confirmSecondFactor", confirmSecondFactor(ports)),
  disableSecondFactor: refusing("disableSecondFactor", disableSecondFactor(ports)),
  renewRecoveryCodes: refusing("renewRecoveryCodes", renewRecoveryCodes(ports)),
});

/** What visitors may ask. A failed attempt stands in the trail of the tenant whose person, invitation or session it was about, once that is known. */
function auditedDoors(
  ports: EnterPorts & OidcPorts,
  refusing: Refusing,
): ConstructorParameters<typeof EntranceResolver>[0] {
  const home = atHome(ports);
  const { admit } = ports.hasher;
  const entering = refusing("signIn", signIn(ports));
  const accepting = refusing("acceptInvitation", acceptInvitation(ports));
  const resetting = refusing("resetPassword", resetPassword(ports));
  const asking = refusing("requestPasswordReset", requestPasswordReset(ports));
  const refreshing = refusing("refreshSession", refreshSession(ports));
  const beginning = refusing("beginSecondFactor", beginSecondFactor(ports));
  const completing = refusing("completeSecondFactor", completeSecondFactor(ports));
  return {
    signIn: async (call, input) => {
      admit();
      return entering(await home.byEmail(call, input.email), input);
    },
    finishSignIn: refusing("finishSignIn", finishSignIn(ports)),
    refreshSession: async (call, input) => refreshing(await home.byRefreshToken(call, input.refreshToken), input),
    acceptInvitation: async (call, input) => {
      admit();
      return accepting(await home.byInvitation(call, input.token), input);
    },
    requestPasswordReset: async (call, input) => asking(await home.byEmail(call, input.email), input),
    resetPassword: async (call, input) => {
      admit();
      return resetting(await home.byResetLink(call, input.token), input);
    },
    beginSecondFactor: async (call, input) => beginning(await home.byTicket(call, input.ticket), input),
    completeSecondFactor: async (call, input) => completing(await home.byTicket(call, input.ticket), input),
  };
}

interface OidcParts {
  readonly settings: PeopleSettings;
  readonly refusing: Refusing;
}

function doorElsewhere(ports: OidcPorts, { calls }: Outside, { settings, refusing }: OidcParts): AskOidc {
  const { oidc } = settings;
  if (oidc === undefined) return noOidcDoor;
  const provider = oidcProvider(oidc);
  return oidcDoor({
    calls,
    start: refusing("startOidc", startOidc(ports, provider)),
    finish: refusing("finishOidc", finishOidc(ports, provider)),
    secure: oidc.redirectUrl.startsWith("https:"),
    returnUrl: oidc.returnUrl ?? "/sign-in",
  });
}

const toldToGateways = (askOidc: AskOidc): InternalRoute => ({
  path: oidcPath,
  answer: async (question) => askOidc(oidcQuestion.parse(question)),
});

interface Following {
  readonly settings: PeopleSettings;
  readonly ports: EnterPorts;
  readonly pages: PagesAt;
  readonly eraser: PeopleEraser;
}

const following = (
  { log }: Outside,
  { settings, ports, pages, eraser }: Following,
): NonNullable<Room["handlers"]>[number] => {
  const following = { ...ports, pages, mailer: mailer(settings.mail, log) };
  return peopleConsumer({
    sendInvitation: sendInvitation(following),
    finishJoining: finishJoining(following),
    sendReset: sendReset(following),
    endSessions: endSessionsOfThoseWhoLeft(following),
    tellOfEndpoint: tellOfEndpoint(following),
    erasePeople: ({ tenantId }) => eraser.eraseTenant(tenantId),
  });
};
