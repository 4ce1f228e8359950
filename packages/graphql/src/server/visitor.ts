import { type Call, visitorActor, visitorPermissions, visitorTenantId } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";

/** What a resolver's context is: the call itself, of a visitor too. */
export type Context = Call;

/** Somebody without a token: may look at the schema, where that is allowed, and ask for what the table below lists. */
export const isVisitor = (context: Context): boolean => context.actor.kind === visitorActor.kind;

/** What is known about somebody without a token. */
export const visitorClaims: CallClaims = {
  actor: visitorActor,
  tenantId: visitorTenantId,
  ancestorIds: [],
  livemode: true,
  staff: false,
  roles: [],
  permissions: [...visitorPermissions],
};

/** Everything that can be asked without a token: the ways in. Each of them requires `identity:enter`, and nothing else does. */
export const visitorMutations: ReadonlySet<string> = new Set([
  "signIn",
  "finishSignIn",
  "refreshSession",
  "acceptInvitation",
  "requestPasswordReset",
  "resetPassword",
  "beginSecondFactor",
  "completeSecondFactor",
]);
