import { AppError, type Call, systemScope, type TenantId } from "@greentick/kernel";
import { invited } from "../usecases/people/accept-invitation.js";
import { readTicket } from "../usecases/people/enter.js";
import { type EnterPorts } from "../usecases/people/enter-ports.js";
import { accountBehind } from "../usecases/people/reset-password.js";

interface Place {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
}

/** The visitor's call in the tenant that an attempt is about, so that its refusal stands in that tenant's trail; the call as it is where none is known. */
export interface AtHome {
  /** Of the person with the address. */
  readonly byEmail: (call: Call, email: string) => Promise<Call>;
  /** Of the person whose link for a new password is good. */
  readonly byResetLink: (call: Call, token: string) => Promise<Call>;
  /** Of the invitation whose link is good. */
  readonly byInvitation: (call: Call, token: string) => Promise<Call>;
  /** Of the person whose ticket for a second factor is good. */
  readonly byTicket: (call: Call, ticket: string) => Promise<Call>;
  /** Of the session that the refresh token was made for, whether it is still good or not. */
  readonly byRefreshToken: (call: Call, refreshToken: string) => Promise<Call>;
}

const signingIn = systemScope("sign-in");

export function atHome(ports: EnterPorts): AtHome {
  const { accounts, sessions, refreshTokens } = ports;
  return {
    byEmail: async (call, email) => moved(call, await accounts.findByEmail(signingIn, email.trim().toLowerCase())),
    byResetLink: async (call, token) => moved(call, await ifGood(accountBehind(ports, call, token))),
    byInvitation: async (call, token) => moved(call, await ifGood(invited(ports, call, token))),
    byTicket: async (call, ticket) => moved(call, (await ifGood(readTicket(ports, call, ticket)))?.account),
    byRefreshToken: async (call, refreshToken) => {
      const shown = refreshTokens.read(refreshToken);
      return moved(call, shown && (await sessions.find(signingIn, shown.sessionId)));
    },
  };
}

const moved = (call: Call, place: Place | undefined): Call => {
  if (place === undefined) return call;
  const { tenantId, ancestorIds, livemode } = place;
  return { ...call, tenantId, ancestorIds, livemode };
};

/** What is not good is refused by the use case itself. */
const ifGood = <T>(found: Promise<T>): Promise<T | undefined> =>
  found.catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
