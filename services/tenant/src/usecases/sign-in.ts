import { allow, type Call, type PersonId, systemScope, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "../domain/errors.js";
import {
  type JwkSet,
  nextGeneration,
  publishedAt,
  type RotationRule,
  type SigningKey,
  signingKeyAt,
} from "../domain/signing-keys.js";
import { ownClaims, type TokenClaims } from "../domain/token.js";
import { type PersonStore, type SigningKeyStore, type TenantStore, type TokenForge } from "../ports.js";

export interface IssuedToken {
  readonly token: string;
  /** System time. */
  readonly expiresAt: Date;
}

export interface KeyPorts {
  readonly keys: SigningKeyStore;
  readonly forge: TokenForge;
  readonly rotation: RotationRule;
}

/** The key that was added; undefined when another process was first with that generation. */
async function addGeneration(
  { keys, forge, rotation }: KeyPorts,
  known: readonly SigningKey[],
  { now, withdraw = false }: { readonly now: Date; readonly withdraw?: boolean },
): Promise<SigningKey | undefined> {
  const fresh = await forge.newKey();
  const next = { ...fresh, kid: fresh.publicKey.kid, ...nextGeneration(known, now, { ...rotation, withdraw }) };
  return (await keys.add(next)) ? next : undefined;
}

/** Makes the first key when there is none; of two processes that start together one key counts. */
export const ensureSigningKey =
  (ports: KeyPorts) =>
  async (now: Date): Promise<void> => {
    const known = await ports.keys.all();
    if (known.length === 0) await addGeneration(ports, known, { now });
  };

const mostTries = 10;

export type RotateSigningKey = (call: Call, input: { readonly withdrawEarlier: boolean }) => Promise<SigningKey>;

/**
 * A new key. Usually it is published at once and signs after the lead, and the old one is accepted until the overlap has passed. With
 * `withdrawEarlier`, after a leak, it signs at once and no earlier one is published any more: every access token that is out ends. Keys belong to
 * the deployment: nobody rotates them in the name of a client or reseller. @throws FORBIDDEN/staff_only.
 */
export const rotateSigningKey =
  (ports: KeyPorts): RotateSigningKey =>
  async (call, { withdrawEarlier: withdraw }) => {
    allow(call, "identity:operate");
    if (!call.staff || call.ancestorIds.length > 0) throw tenantErrors.operatorsOnly();
    for (let tries = 0; tries < mostTries; tries++) {
      const key = await addGeneration(ports, await ports.keys.all(), { now: call.systemNow(), withdraw });
      if (key === undefined) continue;
      const { kid, signsFrom, withdrawsEarlier } = key;
      call.log.info({ kid, signsFrom, withdrawsEarlier }, "signing key rotated");
      return key;
    }
    throw new Error(`${mostTries} times another process added the next signing key first.`);
  };

/** The public keys that verifiers accept now. */
export const publishedKeys =
  (ports: KeyPorts) =>
  async (now: Date): Promise<JwkSet> => ({
    keys: publishedAt(await ports.keys.all(), now, ports.rotation).map((key) => key.publicKey),
  });

export type SignToken = (claims: TokenClaims, now: Date) => Promise<IssuedToken>;

export const signToken =
  (ports: KeyPorts): SignToken =>
  async (claims, now) => {
    await ensureSigningKey(ports)(now);
    const key = signingKeyAt(await ports.keys.all(), now);
    if (key === undefined)
      throw new Error("No signing key signs yet: the system clock is before the first key's time.");
    return { token: ports.forge.sign(key, claims), expiresAt: new Date(claims.exp * 1000) };
  };

export interface IssueTokenInput {
  readonly personId: PersonId;
  readonly tenantId: TenantId;
  /** Default: the configured lifetime. At most 24 hours. */
  readonly ttlSeconds?: number;
}
export type IssueToken = (call: Call, input: IssueTokenInput) => Promise<IssuedToken>;

/** A person's own token. For the platform's start and sign-in: no person holds the permission it needs. */
export const issueToken =
  (ports: {
    readonly tenants: TenantStore;
    readonly people: PersonStore;
    readonly sign: SignToken;
    readonly ttlSeconds: number;
  }): IssueToken =>
  async (call, { personId, tenantId, ttlSeconds = ports.ttlSeconds }) => {
    allow(call, "identity:issue");
    const scope = systemScope("sign-in");
    const person = await ports.people.find(scope, personId);
    if (person === undefined) throw tenantErrors.personNotFound(personId);
    const tenant = await ports.tenants.get(scope, tenantId);
    const now = call.systemNow();
    const issued = await ports.sign(ownClaims(person, tenant, { now, ttlSeconds }), now);
    call.log.info({ personId, forTenantId: tenantId, expiresAt: issued.expiresAt }, "access token issued");
    return issued;
  };
