import { AppError, badInput, type Id, type TenantId } from "@greentick/kernel";
import { checkedLanguages, checkedText } from "./tenant-settings.js";

/** What somebody agreed to be written about (Meta: template categories, and service for answers). */
export const consentPurposes = ["marketing", "utility", "authentication", "service"] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

/** A contact: by number, by business-scoped user id, or both. */
export interface Identity {
  readonly phone?: string;
  /** Meta's business-scoped user id, e.g. `MX.71620394851726305918`. */
  readonly userId?: string;
}

/** A contact as it is kept: keyed hashes to find it by, a hint for people, the plain values for sealing. */
export interface KnownIdentity {
  readonly keys: readonly string[];
  /** Enough to recognise, too little to call: `+57…47`. */
  readonly hint: string;
  readonly plain: Identity;
  /** What is hashed: digits of the number, the user id. */
  readonly names: readonly string[];
}

/** One thing that happened to a consent. Steps are added, never changed. */
export interface ConsentStep {
  readonly what: "granted" | "withdrawn";
  /** Business time: when the person said so. */
  readonly at: Date;
  /** Business time: when it was noted here. */
  readonly recordedAt: Date;
  /** Where the person said so: `web-form/checkout`, `whatsapp`, `import/2026-10`. */
  readonly source: string;
  /** BCP 47: in which the person was asked. */
  readonly language?: string;
  /** The wording and the address that prove it, sealed. */
  readonly proof?: Uint8Array;
  /** Who noted it. */
  readonly by: string;
}

/** What one contact agreed to for one purpose, with its whole history. */
export interface Consent {
  readonly id: Id<"consent">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly purpose: ConsentPurpose;
  readonly identityKeys: readonly string[];
  readonly hint: string;
  /** Number and user id, sealed. */
  readonly sealedIdentity: Uint8Array;
  readonly status: ConsentStep["what"];
  /** Since when it has that status. */
  readonly since: Date;
  readonly history: readonly ConsentStep[];
}

const mostSteps = 500;

/** A step before it is noted. */
export interface NewStep {
  readonly what: ConsentStep["what"];
  readonly at: Date;
  readonly source: string;
  readonly language?: string;
  readonly proofText?: string;
  readonly proofUrl?: string;
}

/** @throws BAD_USER_INPUT for a step in the future, without a source, or with a proof that cannot be read. */
export function checkedStep(step: NewStep, now: Date): NewStep {
  if (Number.isNaN(step.at.getTime())) throw badInput("obtainedAt", "is no instant");
  if (step.at > now) throw badInput("obtainedAt", "lies in the future");
  const [language] = step.language === undefined ? [] : checkedLanguages([step.language]);
  return {
    what: step.what,
    at: step.at,
    source: checkedText("source", step.source, 200),
    ...(language !== undefined && { language }),
    ...(step.proofText !== undefined && { proofText: checkedText("proofText", step.proofText, 2_000) }),
    ...(step.proofUrl !== undefined && { proofUrl: checkedUrl(step.proofUrl) }),
  };
}

function checkedUrl(text: string): string {
  if (text.length > 2_000 || !/^https:\/\/[^\s/]+/.test(text))
    throw badInput("proofUrl", "must be an address that begins with https://");
  return text;
}

/** The same step again: said at the same time, in the same place. */
export const hasStep = ({ history }: Pick<Consent, "history">, { what, at, source }: NewStep): boolean =>
  history.some((step) => step.what === what && step.at.getTime() === at.getTime() && step.source === source);

/** With one more step. The status is what the person said last, not what was noted last. @throws CONFLICT/consent_history_full. */
export function withStep(consent: Consent, step: ConsentStep): Consent {
  if (consent.history.length >= mostSteps) throw consentErrors.historyFull(consent.id);
  const history = [...consent.history, step];
  return { ...consent, ...standing(history), history };
}

/** At the same instant a withdrawal outweighs an agreement. */
function standing(history: readonly ConsentStep[]): Pick<Consent, "status" | "since"> {
  const last = history.reduce((latest, step) => {
    const gap = step.at.getTime() - latest.at.getTime();
    return gap > 0 || (gap === 0 && step.what === "withdrawn") ? step : latest;
  });
  return { status: last.what, since: last.at };
}

export const openConsent = (
  owner: Pick<Consent, "id" | "tenantId" | "ancestorIds" | "livemode" | "purpose" | "sealedIdentity">,
  { keys, hint }: KnownIdentity,
  step: ConsentStep,
): Consent => ({ ...owner, identityKeys: keys, hint, version: 0, status: step.what, since: step.at, history: [step] });

/** Of what is known of a contact under several names, what counts: the latest word. */
export const latestOf = (consents: readonly Consent[]): Consent | undefined =>
  consents.toSorted((a, b) => {
    const gap = b.since.getTime() - a.since.getTime();
    return gap === 0 ? (a.status === "withdrawn" ? -1 : 1) : gap;
  })[0];

export const consentErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "consent_not_found", `There is no consent ${id} here.`, { consentId: id }),
  historyFull: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "consent_history_full",
      `The consent ${id} has ${mostSteps} steps already; no contact changes its mind so often.`,
      {
        consentId: id,
      },
    ),
  duplicate: (): AppError =>
    new AppError(
      "CONFLICT",
      "consent_exists",
      "This contact has a consent for the purpose already. Read it again and repeat.",
    ),
  erased: (): AppError =>
    new AppError(
      "CONFLICT",
      "identity_erased",
      "This contact asked for erasure after that consent was given. Only a consent given later can be recorded.",
    ),
  tooManyRows: (most: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "too_many_rows",
      `A file may have ${most} rows at most. Split it; rows that were read already do no harm.`,
      {
        most,
      },
    ),
};
