import { createHmac } from "node:crypto";
import { ask } from "@greentick/gateway";
import { graphql, type GraphqlBody } from "../../asking/answers.js";
import { type SideName } from "../subject.js";
import { type SideCaller } from "../world/sides.js";
import { asking, counted, type Making } from "./making.js";

const invite = `mutation Invite($input: InvitePersonInput!) { invitePerson(input: $input) { invitation { id } } }`;
const accept = `mutation Accept($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { personId } }`;
const signIn = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { enrolmentTicket signedIn { accessToken refreshToken session { id } } } }`;
const enrol = `mutation Enrol($input: OwnProofInput!) { enrolSecondFactor(input: $input) { secret } }`;
const confirm = `mutation Confirm($input: CodeInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }`;

export const goodPassword = "seven quiet lanterns drift";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const stepMs = 30_000;

/** What an authenticator shows for a secret, so many steps from now (RFC 6238). */
export function authenticatorCode(secret: string, steps = 0): string {
  const bits = Array.from(secret.replace(/=+$/, ""), (char) =>
    alphabet.indexOf(char).toString(2).padStart(5, "0"),
  ).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / stepMs) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export interface Invited {
  readonly invitationId: string;
  readonly email: string;
  readonly token: string;
}
export interface Joined {
  readonly personId: string;
  readonly email: string;
}
export interface Entered extends Joined {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
}

/** People who come into a side: invited by mail, with a password, signed in, with an authenticator. */
export interface PeopleMade {
  readonly invited: (side: SideName, more?: { readonly by?: SideCaller; readonly role?: string }) => Promise<Invited>;
  readonly joined: (side: SideName, more?: { readonly by?: SideCaller; readonly role?: string }) => Promise<Joined>;
  readonly entered: (side: SideName) => Promise<Entered>;
  /** The same again for somebody who has a password. */
  readonly enter: (side: SideName, who: Joined) => Promise<Entered>;
  /** Somebody who has a password belongs to the side's second client, too. Its id. */
  readonly joinedSecondClient: (side: SideName, email: string) => Promise<string>;
  /** Somebody with an authenticator; its secret. */
  readonly guarded: (side: SideName) => Promise<Entered & { readonly secret: string; readonly recoveryCode: string }>;
  /** A ticket for a member of staff who must enrol an authenticator first. */
  readonly ticket: (side: SideName) => Promise<string>;
}

interface SignIn {
  readonly signIn: {
    readonly enrolmentTicket: string | null;
    readonly signedIn: {
      readonly accessToken: string;
      readonly refreshToken: string;
      readonly session: { readonly id: string };
    } | null;
  };
}

/** Asks without a token. @throws Error with what came back instead of data. */
export const visiting =
  ({ target }: Pick<Making, "target">) =>
  async <T>(query: string, input: Readonly<Record<string, unknown>>): Promise<T> => {
    const { body } = await graphql(target.graphqlUrl, undefined, { query, variables: { input } });
    const { data, errors } = body as GraphqlBody;
    if (errors !== undefined || data == null) throw new Error(`a visitor is refused: ${JSON.stringify(errors)}`);
    return data as T;
  };

/** The tenant in which a token is good. */
function tenantOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { readonly tid: string };
  return claims.tid;
}

export function peopleMade(making: Making): PeopleMade {
  const { target, sides, mail, become } = making;
  const as = asking(making);
  const visit = visiting(making);
  const invited: PeopleMade["invited"] = async (side, { by = "owner", role = "DEVELOPER" } = {}) => {
    const email = `person${counted(side, "person")}@${sides[side].canary.toLowerCase()}.example`;
    const input = { email, name: `${sides[side].canary} Somebody`, roles: [role] };
    const { invitePerson } = await as<{ invitePerson: { invitation: { id: string } } }>(side, by, invite, { input });
    return { invitationId: invitePerson.invitation.id, email, token: await mail.nextToken(email) };
  };
  const joined: PeopleMade["joined"] = async (side, more) => {
    const { email, token } = await invited(side, more);
    const { acceptInvitation } = await visit<{ acceptInvitation: { personId: string } }>(accept, {
      token,
      password: goodPassword,
    });
    return { personId: acceptInvitation.personId, email };
  };
  const enter: PeopleMade["enter"] = async (side, who) => {
    const { signedIn } = (await visit<SignIn>(signIn, { email: who.email, password: goodPassword })).signIn;
    if (signedIn === null) throw new Error(`${who.email} is not let in.`);
    become(side, signedIn.accessToken);
    return {
      ...who,
      accessToken: signedIn.accessToken,
      refreshToken: signedIn.refreshToken,
      sessionId: signedIn.session.id,
    };
  };
  const entered: PeopleMade["entered"] = async (side) => enter(side, await joined(side));
  return {
    ...{ invited, joined, entered, enter },
    joinedSecondClient: async (side, email) => {
      const tenantId = tenantOf(sides[side].tokens.newcomer);
      const input = { tenantId, email, name: `${sides[side].canary} Somebody`, roles: ["DEVELOPER"] };
      await as(side, "reseller", invite, { input });
      await visit(accept, { token: await mail.nextToken(email), password: goodPassword });
      return tenantId;
    },
    guarded: async (side) => {
      const one = await entered(side);
      const { enrolSecondFactor } = await ask<{ enrolSecondFactor: { secret: string } }>(
        target,
        one.accessToken,
        enrol,
        { input: { password: goodPassword } },
      );
      const { secret } = enrolSecondFactor;
      const confirmed = await ask<{ confirmSecondFactor: { recoveryCodes: string[] } }>(
        target,
        one.accessToken,
        confirm,
        { input: { code: authenticatorCode(secret) } },
      );
      return { ...one, secret, recoveryCode: confirmed.confirmSecondFactor.recoveryCodes[0] ?? "" };
    },
    ticket: async (side) => {
      const { email } = await joined(side, { by: "reseller", role: "AUDITOR" });
      return (await visit<SignIn>(signIn, { email, password: goodPassword })).signIn.enrolmentTicket ?? "";
    },
  };
}
