import { createHash } from "node:crypto";
import { ask } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { counted, type Making, plainly, recipe } from "./making.js";
import { authenticatorCode, goodPassword, peopleMade, visiting } from "./people-made.js";

const requestReset = `mutation Reset($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { done } }`;
const begin = `mutation Begin($input: EnrolmentTicketInput!) { beginSecondFactor(input: $input) { secret } }`;
const enrol = `mutation Enrol($input: OwnProofInput!) { enrolSecondFactor(input: $input) { secret } }`;
const deactivate = `mutation Deactivate($input: PersonIdInput!) { deactivatePerson(input: $input) { person { personId } } }`;

const otherPassword = "marble kettles under rain";
const minuteMs = 60_000;

/** People and their sign-in: each link, ticket and session is a fresh one, for somebody who has just come. */
export function peopleRecipes(making: Making): Recipes {
  const { target, sides, mongo, databasePrefix, mail } = making;
  const made = peopleMade(making);
  const visit = visiting(making);
  const onPerson = (more: Readonly<Record<string, unknown>> = {}): Recipes[string] =>
    recipe("owner", async (side) => ({ personId: (await made.joined(side)).personId, ...more }));
  const ownReset = async (side: SideName): Promise<string> => {
    const { email } = await made.joined(side);
    await visit(requestReset, { email });
    return mail.nextToken(email);
  };
  /** As the way back from an identity provider leaves it behind. */
  const providerTicket = async (side: SideName): Promise<string> => {
    const { personId } = await made.joined(side, { by: "reseller", role: "AUDITOR" });
    const ticket = `isolation-${side}-${counted(side, "ticket")}`;
    const key = createHash("sha256").update(`ticket/${ticket}`).digest("base64url");
    const row = {
      _id: key as never,
      data: { personId, tenantId: sides[side].resellerId },
      until: new Date(Date.now() + minuteMs),
    };
    await mongo.db(`${databasePrefix}tenant`).collection("one_time").insertOne(row);
    return ticket;
  };
  return {
    invitePerson: plainly("reseller", (side) => ({
      tenantId: sides[side].tenantId,
      email: `invited${counted(side, "invited")}@${sides[side].canary.toLowerCase()}.example`,
      name: `${sides[side].canary} Invited`,
      roles: ["DEVELOPER"],
      idempotencyKey: `invite:${counted(side, "invite")}`,
    })),
    resendInvitation: recipe("owner", async (side) => ({ invitationId: (await made.invited(side)).invitationId })),
    withdrawInvitation: recipe("owner", async (side) => ({ invitationId: (await made.invited(side)).invitationId })),
    acceptInvitation: recipe("visitor", async (side) => ({
      token: (await made.invited(side)).token,
      password: goodPassword,
    })),
    changeRoles: onPerson({ roles: ["BILLING_VIEWER"] }),
    deactivatePerson: onPerson(),
    reactivatePerson: recipe("owner", async (side) => {
      const { personId } = await made.joined(side);
      await ask(target, sides[side].tokens.owner, deactivate, { input: { personId } });
      return { personId };
    }),
    removeFromTenant: onPerson(),
    signIn: recipe(
      "visitor",
      async (side) => ({
        email: (await made.joined(side)).email,
        password: goodPassword,
        tenantId: sides[side].tenantId,
      }),
      async (side) => ({
        email: (await made.joined(side, { by: "reseller", role: "AUDITOR" })).email,
        password: goodPassword,
      }),
    ),
    finishSignIn: recipe("visitor", async (side) => ({ ticket: await providerTicket(side) })),
    refreshSession: recipe("visitor", async (side) => ({ refreshToken: (await made.entered(side)).refreshToken })),
    requestPasswordReset: recipe("visitor", async (side) => ({ email: (await made.joined(side)).email })),
    resetPassword: recipe("visitor", async (side) => ({ token: await ownReset(side), password: otherPassword })),
    beginSecondFactor: recipe("visitor", async (side) => ({ ticket: await made.ticket(side) })),
    completeSecondFactor: recipe("visitor", async (side) => {
      const ticket = await made.ticket(side);
      const { beginSecondFactor } = await visit<{ beginSecondFactor: { secret: string } }>(begin, { ticket });
      return { ticket, code: authenticatorCode(beginSecondFactor.secret) };
    }),
    signOut: recipe("guest", async (side) => {
      await made.entered(side);
      return undefined;
    }),
    revokeSession: recipe("guest", async (side) => {
      const first = await made.entered(side);
      await made.enter(side, first);
      return { sessionId: first.sessionId };
    }),
    revokeAllSessions: recipe("owner", async (side) => ({ personId: (await made.entered(side)).personId })),
    switchTenant: recipe("guest", async (side) => {
      const { email } = await made.entered(side);
      return { tenantId: await made.joinedSecondClient(side, email) };
    }),
    changePassword: recipe("guest", async (side) => {
      await made.entered(side);
      return { password: goodPassword, newPassword: otherPassword };
    }),
    enrolSecondFactor: recipe("guest", async (side) => {
      await made.entered(side);
      return { password: goodPassword };
    }),
    confirmSecondFactor: recipe("guest", async (side) => {
      const { accessToken } = await made.entered(side);
      const { enrolSecondFactor } = await ask<{ enrolSecondFactor: { secret: string } }>(target, accessToken, enrol, {
        input: { password: goodPassword },
      });
      return { code: authenticatorCode(enrolSecondFactor.secret) };
    }),
    disableSecondFactor: recipe("guest", async (side) => {
      const { recoveryCode } = await made.guarded(side);
      return { password: goodPassword, code: recoveryCode };
    }),
    renewRecoveryCodes: recipe("guest", async (side) => {
      const { secret } = await made.guarded(side);
      return { password: goodPassword, code: authenticatorCode(secret, 1) };
    }),
  };
}
