import { after, AppError, dayMs, type Id, type TenantId } from "@greentick/kernel";
import { type RetentionPolicy } from "./retention.js";
import { without } from "./without.js";

export type DataSubjectDuty = "export" | "erasure";
export type DataSubjectStatus = "held" | "collecting" | "done";

/** What one holder of personal data did. */
export interface HolderAnswer {
  readonly holder: string;
  readonly searched: string;
  readonly found: number;
  readonly erased: number;
  readonly kept: number;
  readonly keptBecause: string;
  readonly at: Date;
  /** Of an export: sealed for the request's own key. */
  readonly sealedPart?: string;
}

/** What was searched, found, erased, kept and why: the proof that a duty was met. It names nobody. */
export interface Certificate {
  readonly text: string;
  /** Of the text, in hex. */
  readonly sha256: string;
  readonly issuedAt: Date;
}

/** A person asked a client business for their data, or for its erasure. */
export interface DataSubjectRequest {
  readonly id: Id<"dataSubjectRequest">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly duty: DataSubjectDuty;
  /** `held`: a legal hold stands in the way. */
  readonly status: DataSubjectStatus;
  readonly requestedAt: Date;
  readonly requestedBy: string;
  /** GDPR Art. 12(3): within a month. */
  readonly dueAt: Date;
  readonly personKeys: readonly string[];
  /** Who it is, sealed, for as long as holders are to be told. */
  readonly sealedPerson?: Uint8Array;
  readonly hint: string;
  readonly holders: readonly string[];
  readonly answers: readonly HolderAnswer[];
  /** Of an export: the public key that holders seal for, and the sealed private one, until the export ends. */
  readonly sealFor?: string;
  readonly sealedKey?: Uint8Array;
  readonly certificate?: Certificate;
  readonly exportUntil?: Date;
}

const monthDays = 30;

export type NewRequest = Pick<
  DataSubjectRequest,
  "id" | "tenantId" | "ancestorIds" | "livemode" | "duty" | "requestedBy" | "personKeys" | "hint" | "holders"
> &
  Pick<Partial<DataSubjectRequest>, "sealFor" | "sealedKey" | "sealedPerson">;

/** A legal hold stops an erasure, not an export. */
export const openRequest = (wanted: NewRequest, now: Date, underHold: boolean): DataSubjectRequest => ({
  ...wanted,
  version: 0,
  status: underHold && wanted.duty === "erasure" ? "held" : "collecting",
  requestedAt: now,
  dueAt: after(now, monthDays * dayMs),
  answers: [],
});

/** held -> collecting. */
export const resume = (request: DataSubjectRequest): DataSubjectRequest => ({ ...request, status: "collecting" });

/** With a holder's answer, in the holders' alphabetical order; a holder's first one counts. */
export function answered(request: DataSubjectRequest, answer: HolderAnswer): DataSubjectRequest {
  if (request.answers.some(({ holder }) => holder === answer.holder)) return request;
  const answers = [...request.answers, answer].sort((a, b) => (a.holder < b.holder ? -1 : 1));
  return { ...request, answers };
}

export const isComplete = ({ holders, answers }: DataSubjectRequest): boolean =>
  holders.every((holder) => answers.some((answer) => answer.holder === holder));

/** The words of the certificate: JSON with fields in a fixed order, so that the same facts give the same hash. */
export function certificateText(request: DataSubjectRequest, policy: RetentionPolicy, issuedAt: Date): string {
  const { id, tenantId, duty, requestedAt, personKeys, answers } = request;
  return JSON.stringify({
    certificate: "greentick/data-subject/1",
    requestId: id,
    tenantId,
    duty,
    personKeys,
    requestedAt,
    issuedAt,
    holders: answers.map(({ holder, searched, found, erased, kept, keptBecause, at }) => ({
      ...{ holder, searched, found, erased, kept },
      ...(keptBecause !== "" && { keptBecause }),
      at,
    })),
    notPersonal: policy.filter(({ personal }) => !personal).map(({ kind, days, why }) => ({ kind, days, why })),
  });
}

/** collecting -> done. Who it was is not needed any more. */
export const done = (
  request: DataSubjectRequest,
  certificate: Certificate,
  policy: RetentionPolicy,
): DataSubjectRequest => {
  const days = policy.find(({ kind }) => kind === "data_exports")?.days ?? monthDays;
  return {
    ...without(request, "sealedPerson"),
    status: "done",
    certificate,
    ...(request.duty === "export" && { exportUntil: after(certificate.issuedAt, days * dayMs) }),
  };
};

/** The certificate stays, what it certifies goes: without its key no copy of the export opens any more. */
export function exportEnded(request: DataSubjectRequest): DataSubjectRequest {
  const answers = request.answers.map((answer) => without(answer, "sealedPart"));
  return { ...without(request, "sealedKey", "sealFor"), answers };
}

export const dataSubjectErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "data_subject_request_not_found", `There is no request ${id} here.`, { requestId: id }),
  duplicate: (): AppError =>
    new AppError("CONFLICT", "duplicate", "This request exists already. Read it again and repeat."),
};
