import {
  type DataOf,
  type passwordResetRequested,
  type personInvited,
  type personStandingChanged,
} from "@greentick/contracts";
import { type Call, systemScope, tenantScope } from "@greentick/kernel";
import { type TenantStore } from "../../ports.js";
import { linkToken } from "./links.js";
import {
  type AccountStore,
  type InvitationStore,
  type Mailer,
  type PagesAt,
  type Secrets,
  type SessionStore,
} from "../../ports/people.js";
import { endSessionsOf } from "./end-sessions.js";

export interface FollowPorts {
  readonly tenants: TenantStore;
  readonly invitations: InvitationStore;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly secrets: Secrets;
  readonly mailer: Mailer;
  readonly pages: PagesAt;
}

/** The token stands in the fragment: a browser sends that to no server and into no log. */
const linkOf = (pages: PagesAt, page: string, token: string): string => `${pages()}/${page}#token=${token}`;

/** Sends the link of an invitation, unless a later one replaced it or it is not open any more. Safe to repeat: a second message is the same. */
export const sendInvitation =
  ({ tenants, invitations, secrets, mailer, pages }: FollowPorts) =>
  async (call: Call, { invitationId, sending }: DataOf<typeof personInvited>): Promise<void> => {
    const invitation = await invitations.get(tenantScope(call), invitationId);
    if (invitation.status !== "open" || invitation.sending !== sending) return;
    const { name } = await tenants.get(tenantScope(call), invitation.tenantId);
    const link = linkOf(pages, "accept-invitation", linkToken(secrets, "invitation", invitation));
    await mailer.send({
      to: invitation.email,
      subject: `Join ${name} on Greentick`,
      messageId: `${invitationId}.${sending}`,
      text: [
        `Hello ${invitation.name},`,
        `you are invited to ${name} as ${invitation.roles.join(", ")}. This link is for you alone, works once, and until ${invitation.expiresAt.toISOString()}:`,
        link,
        "If you do not know what this is about, do nothing: without the link nobody gets in.",
      ].join("\n\n"),
    });
  };

/** Sends the link for a new password, unless a later one replaced it or it was used. Safe to repeat. */
export const sendReset =
  ({ accounts, secrets, mailer, pages }: FollowPorts) =>
  async (_call: Call, { personId, expiresAt }: DataOf<typeof passwordResetRequested>): Promise<void> => {
    const account = await accounts.find(systemScope("own-account"), personId);
    if (account?.reset?.until.getTime() !== expiresAt.getTime()) return;
    const link = linkOf(
      pages,
      "reset-password",
      linkToken(secrets, "password-reset", { id: personId, nonce: account.reset.nonce }),
    );
    await mailer.send({
      to: account.email,
      subject: "A new password for Greentick",
      messageId: `${personId}.${account.reset.until.getTime()}`,
      text: [
        `Hello ${account.name},`,
        `somebody, hopefully you, asked for a new password. This link works once, until ${expiresAt.toISOString()}:`,
        link,
        "If it was not you, do nothing: your password stays as it is.",
      ].join("\n\n"),
    });
  };

/** Whoever may not sign in to a tenant any more has no open session there. Safe to repeat. */
export const endSessionsOfThoseWhoLeft =
  (ports: Pick<FollowPorts, "sessions">) =>
  async (call: Call, { personId, standing }: DataOf<typeof personStandingChanged>): Promise<void> => {
    if (standing !== "active")
      await endSessionsOf(ports, call, { personId, because: "person_left", tenantId: call.tenantId });
  };
