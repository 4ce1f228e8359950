import { after, allow, AppError, type Call, systemScope } from "@greentick/kernel";
import { peopleErrors } from "../../domain/people-errors.js";
import { type Person } from "../../domain/person.js";
import { type IdentityProvider, type OneTimeStore, type Secrets } from "../../ports/people.js";
import { membershipsOf, openSession, type SessionPorts, type SignedIn } from "./sessions.js";

export interface OidcPorts extends SessionPorts {
  readonly oneTime: OneTimeStore;
  readonly secrets: Secrets;
}

const signingIn = systemScope("sign-in");
const flowMs = 10 * 60_000;
const ticketMs = 60_000;

export interface OidcStart {
  /** Where to send the browser. */
  readonly url: string;
  /** For a cookie of this browser: a callback without it is somebody else's. */
  readonly browserKey: string;
}

/** Authorization code flow with PKCE; state and nonce are random, bound to this browser, and good once for ten minutes (RFC 9700 §4.5, §4.7). */
export const startOidc =
  ({ oneTime, secrets }: Pick<OidcPorts, "oneTime" | "secrets">, provider: IdentityProvider) =>
  async (call: Call): Promise<OidcStart> => {
    allow(call, "identity:enter");
    const [state, nonce, verifier, browserKey] = [0, 1, 2, 3].map(() => secrets.newSecret());
    if (state === undefined || nonce === undefined || verifier === undefined || browserKey === undefined)
      throw new Error("the source of secrets is dry");
    const sealed = secrets.seal(`oidc/${secrets.hashOf(state)}`, JSON.stringify({ nonce, verifier }));
    const data = { sealed, browser: secrets.hashOf(browserKey) };
    await oneTime.put(secrets.hashOf(state), data, after(call.systemNow(), flowMs));
    return { url: await provider.authorizationUrl({ state, nonce, verifier }), browserKey };
  };

export interface OidcCallback {
  /** Address of the callback with its query. */
  readonly url: string;
  readonly state: string;
  readonly browserKey: string;
}

/**
 * The way back: a ticket for `finishSignIn`. Whom the provider calls by a verified address must be staff here already; nobody is ever created.
 * @throws NOT_FOUND/link_not_good, FORBIDDEN/not_staff_here, PROVIDER_UNAVAILABLE/identity_provider_unavailable.
 */
export const finishOidc =
  (ports: OidcPorts, provider: IdentityProvider) =>
  async (call: Call, { url, state, browserKey }: OidcCallback): Promise<string> => {
    allow(call, "identity:enter");
    const { oneTime, secrets } = ports;
    const key = secrets.hashOf(state);
    const flow = await oneTime.take(key, call.systemNow());
    if (flow?.["browser"] !== secrets.hashOf(browserKey)) throw peopleErrors.linkNotGood();
    const { nonce, verifier } = JSON.parse(secrets.open(`oidc/${key}`, flow["sealed"] ?? "")) as {
      readonly nonce: string;
      readonly verifier: string;
    };
    const email = await provider.verifiedEmail({ url, state, nonce, verifier });
    const person = await staffOf(ports, email);
    const ticket = secrets.newSecret();
    const until = after(call.systemNow(), ticketMs);
    await oneTime.put(secrets.hashOf(`ticket/${ticket}`), { personId: person.id, tenantId: person.tenantId }, until);
    return ticket;
  };

/** The one staff person with this address; of several nobody, since the address does not tell which. @throws FORBIDDEN/not_staff_here. */
async function staffOf(ports: SessionPorts, email: string | undefined): Promise<Person> {
  const found = email === undefined ? [] : await ports.people.withEmail(signingIn, email);
  const staff: Person[] = [];
  for (const person of found) {
    const memberships = await membershipsOf(ports, person);
    if (memberships.some(({ roster }) => roster.side === "staff")) staff.push(person);
  }
  const [person, another] = staff;
  if (person === undefined || another !== undefined) throw notStaffHere();
  return person;
}

const notStaffHere = (): AppError =>
  new AppError(
    "FORBIDDEN",
    "not_staff_here",
    "Your identity provider names no verified address of anybody on the staff. Ask a platform admin for an invitation first.",
  );

/** @throws NOT_FOUND/link_not_good. */
export const finishSignIn =
  (ports: OidcPorts) =>
  async (call: Call, { ticket }: { readonly ticket: string }): Promise<SignedIn> => {
    allow(call, "identity:enter");
    const kept = await ports.oneTime.take(ports.secrets.hashOf(`ticket/${ticket}`), call.systemNow());
    const person = kept && (await ports.people.find(signingIn, (kept["personId"] ?? "") as Person["id"]));
    if (person === undefined) throw peopleErrors.linkNotGood();
    const memberships = await membershipsOf(ports, person);
    const membership = memberships.find(({ roster }) => roster.side === "staff");
    if (membership === undefined) throw notStaffHere();
    return openSession(ports, call, { personId: person.id, membership, memberships, means: ["oidc"] });
  };
