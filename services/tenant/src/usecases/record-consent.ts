import { consentRecorded, consentWithdrawn, event } from "@greentick/contracts";
import { allow, AppError, type Call, type DomainEvent, tenantScope } from "@greentick/kernel";
import {
  checkedStep,
  type Consent,
  consentErrors,
  type ConsentPurpose,
  type ConsentStep,
  hasStep,
  type Identity,
  type KnownIdentity,
  latestOf,
  type NewStep,
  openConsent,
  withStep,
} from "../domain/consent.js";
import { type ConsentStore, type Identities, type Seal } from "../ports/consent.js";

export interface ConsentPorts {
  readonly consents: ConsentStore;
  readonly identities: Identities;
  readonly seal: Seal;
}

export interface ConsentInput extends Omit<NewStep, "what" | "at"> {
  readonly identity: Identity;
  readonly purpose: ConsentPurpose;
  /** Default: now. */
  readonly at?: Date;
}
export type NoteConsent = (call: Call, input: ConsentInput) => Promise<Consent>;

/** Keeps evidence that a contact agreed. The same evidence again changes nothing. @throws CONFLICT/identity_erased, BAD_USER_INPUT. */
export const recordConsent =
  (ports: ConsentPorts): NoteConsent =>
  async (call, { identity, purpose, at, ...step }) => {
    allow(call, "consent:write");
    const asked = { what: "granted", at: at ?? call.now(), ...step } as const;
    return (await noteStep(ports, call, { identity, purpose, step: asked })).consent;
  };

/** Keeps that a contact does not want this any more: also one of whom no consent was known. The same again changes nothing. */
export const withdrawConsent =
  (ports: ConsentPorts): NoteConsent =>
  async (call, { identity, purpose, at, ...step }) => {
    allow(call, "consent:write");
    const asked = { what: "withdrawn", at: at ?? call.now(), ...step } as const;
    return (await noteStep(ports, call, { identity, purpose, step: asked })).consent;
  };

export interface Noting {
  readonly identity: Identity;
  readonly purpose: ConsentPurpose;
  readonly step: NewStep;
}
export interface Noted {
  readonly consent: Consent;
  /** False when the step was known. */
  readonly isNew: boolean;
}

const attempts = 5;

/** One step, in whichever documents bear the contact. Two who write at once are put in line. */
export async function noteStep(ports: ConsentPorts, call: Call, noting: Noting): Promise<Noted> {
  const known = ports.identities.read(noting.identity);
  const step = checkedStep(noting.step, call.now());
  if (step.what === "granted") await refuseErased(ports, call, { known, step });
  for (let attempt = 1; ; attempt++) {
    try {
      return await noteOnce(ports, call, { known, purpose: noting.purpose, step });
    } catch (error) {
      const met = error instanceof AppError && ["version_conflict", "consent_exists"].includes(error.reason);
      if (!met || attempt === attempts) throw error;
    }
  }
}

interface Once {
  readonly known: KnownIdentity;
  readonly purpose: ConsentPurpose;
  readonly step: NewStep;
}

async function refuseErased(
  { consents }: ConsentPorts,
  call: Call,
  { known, step }: Omit<Once, "purpose">,
): Promise<void> {
  const erasedAt = await consents.erasedAt(tenantScope(call), known.keys);
  if (erasedAt !== undefined && step.at <= erasedAt) throw consentErrors.erased();
}

/** A withdrawal reaches every document of the contact, an agreement the first. */
async function noteOnce(ports: ConsentPorts, call: Call, { known, purpose, step }: Once): Promise<Noted> {
  const found = await ports.consents.findByKeys(tenantScope(call), known.keys, purpose);
  if (found.length === 0) return { consent: await begin(ports, call, { known, purpose, step }), isNew: true };
  const lacking = found.filter((one) => !hasStep(one, step));
  const held = found.length > lacking.length;
  const reached = step.what === "withdrawn" ? lacking : held ? [] : lacking.slice(0, 1);
  const noted = new Map<string, Consent>();
  for (const one of reached) {
    const only = found.length === 1 ? withKeys(one, known) : one;
    noted.set(one.id, await save(ports, call, { consent: only, step }));
  }
  const now = latestOf(found.map((one) => noted.get(one.id) ?? one));
  if (now === undefined) throw new Error("a contact that was found has no consent");
  return { consent: now, isNew: reached.length > 0 };
}

/** A contact of whom the other name becomes known. */
const withKeys = (consent: Consent, { keys }: KnownIdentity): Consent => ({
  ...consent,
  identityKeys: [...new Set([...consent.identityKeys, ...keys])],
});

async function begin(ports: ConsentPorts, call: Call, { known, purpose, step }: Once): Promise<Consent> {
  const id = call.newId("consent");
  const { tenantId, ancestorIds, livemode } = call;
  const plain = JSON.stringify(known.plain);
  const sealedIdentity = await ports.seal.seal({ tenantId, record: id, field: "identity" }, plain);
  const owner = { id, tenantId, ancestorIds, livemode, purpose, sealedIdentity };
  const consent = openConsent(owner, known, await sealedStep(ports, call, { id, step }));
  return ports.consents.insert(call, consent, [told(consent, step)]);
}

async function save(
  ports: ConsentPorts,
  call: Call,
  { consent, step }: { readonly consent: Consent; readonly step: NewStep },
): Promise<Consent> {
  const next = withStep(consent, await sealedStep(ports, call, { id: consent.id, step }));
  return ports.consents.save(call, next, [told(next, step)]);
}

async function sealedStep(
  { seal }: ConsentPorts,
  call: Call,
  { id, step }: { readonly id: Consent["id"]; readonly step: NewStep },
): Promise<ConsentStep> {
  const { proofText, proofUrl, ...rest } = step;
  const noted = { ...rest, recordedAt: call.now(), by: call.actor.id };
  if (proofText === undefined && proofUrl === undefined) return noted;
  const place = { tenantId: call.tenantId, record: id, field: "proof" };
  return { ...noted, proof: await seal.seal(place, JSON.stringify({ proofText, proofUrl })) };
}

const told = ({ id, purpose }: Consent, { what, at }: NewStep): DomainEvent =>
  event(what === "granted" ? consentRecorded : consentWithdrawn, { consentId: id, purpose, at });
