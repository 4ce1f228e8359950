import { after, type PhoneNumberRecordId, type SignupCaseId, type WabaRecordId } from "@greentick/kernel";
import { signupErrors } from "./errors.js";
import { type Owned, type Sealed, without } from "./owned.js";
import {
  outsideWaits,
  type SignupPath,
  type SignupStep,
  stepAfter,
  systemWaits,
  type WaitActor,
  type WaitRule,
} from "./signup-steps.js";

/** `blocked`: a step was refused and `problem` says by whom and what to do. Nothing leaves `live` or `abandoned`. */
export const signupStatuses = ["open", "blocked", "live", "abandoned"] as const;
export type SignupStatus = (typeof signupStatuses)[number];

export const codeMethods = ["SMS", "VOICE"] as const;
export type CodeMethod = (typeof codeMethods)[number];

/** What was found when a step was checked: a name and Meta's or our own words. No secret stands here. */
export type Evidence = Readonly<Record<string, string>>;

export interface DoneStep {
  readonly step: SignupStep;
  readonly at: Date;
  readonly evidence: Evidence;
}

/** What a case waits for now. */
export interface Waiting {
  readonly for: string;
  readonly actor: WaitActor;
  readonly since: Date;
  readonly typicalMs: number;
  readonly deadline: Date;
  /** When the deadline was noticed to have passed. */
  readonly overdueSince?: Date;
}

/** Why a step does not pass. `code` and `subcode` are Meta's where Meta refused. */
export interface Problem {
  readonly step: SignupStep;
  readonly at: Date;
  readonly code?: string;
  readonly subcode?: string;
  readonly message: string;
  readonly remedy: string;
  readonly actor: WaitActor;
  /** Business time at which the platform tries again by itself. */
  readonly retryAt?: Date;
}

export interface SignupNumber {
  /** Digits of the calling code, without plus. */
  readonly countryCode: string;
  /** Digits of the national number. */
  readonly nationalNumber: string;
  readonly e164: string;
  readonly displayName: string;
  readonly codeMethod: CodeMethod;
}

/** One attempt to bring a number live, or to link an account without a number. */
export interface SignupCase extends Owned {
  readonly id: SignupCaseId;
  readonly path: SignupPath;
  readonly status: SignupStatus;
  readonly metaBusinessId: string;
  readonly wabaId: string;
  /** Known from Embedded Signup, or once Meta has added the number. */
  readonly phoneNumberId?: string;
  readonly number?: SignupNumber;
  readonly wabaRecordId?: WabaRecordId;
  readonly numberRecordId?: PhoneNumberRecordId;
  readonly openedAt: Date;
  readonly steps: readonly DoneStep[];
  readonly next?: SignupStep;
  readonly waiting?: Waiting;
  readonly problem?: Problem;
  /** Refusals met so far, newest last, at most twenty. */
  readonly refusals: readonly Problem[];
  readonly endReason?: string;
  /** Present unless abandoned: one case per account and number at a time. */
  readonly claim?: string;
  /** Sealed: the Embedded Signup code until it is exchanged, the token until the account holds it, the digits until they are checked. */
  readonly sealedSignupCode?: Sealed;
  readonly sealedToken?: Sealed;
  readonly sealedDigits?: Sealed;
}

export interface OpeningFacts extends Owned {
  readonly id: SignupCaseId;
  readonly path: SignupPath;
  readonly metaBusinessId: string;
  readonly wabaId: string;
  readonly phoneNumberId?: string;
  readonly number?: SignupNumber;
  readonly sealedSignupCode: Sealed;
  readonly preflight: Evidence;
}

const waitFrom = (rule: WaitRule, now: Date): Waiting => ({
  for: rule.for,
  actor: rule.actor,
  since: now,
  typicalMs: rule.typicalMs,
  deadline: after(now, rule.deadlineMs),
});

/** A case whose preflight passed; the exchange of the code comes next. */
export function openCase({ preflight, ...facts }: OpeningFacts, now: Date): SignupCase {
  return {
    ...facts,
    status: "open",
    openedAt: now,
    steps: [{ step: "preflight", at: now, evidence: preflight }],
    next: "code_exchanged",
    waiting: waitFrom(systemWaits.code_exchanged, now),
    refusals: [],
    claim: `${facts.wabaId}/${facts.number?.e164 ?? "account"}`,
  };
}

export const isOver = (one: SignupCase): boolean => one.status === "live" || one.status === "abandoned";

/** True when the platform itself has to work on exactly this step now. */
export const isOurTurn = (one: SignupCase, step: SignupStep): boolean =>
  one.status === "open" && one.next === step && one.waiting?.actor === "system";

/** The next step's turn for the platform. */
const turnOfSystem = (one: SignupCase, next: SignupStep, now: Date): SignupCase => ({
  ...without(one, "problem"),
  status: "open",
  next,
  waiting: waitFrom(systemWaits[next], now),
});

const mustStandAt = (one: SignupCase, step: SignupStep): void => {
  if (isOver(one)) throw signupErrors.over(one.id, one.status);
  if (one.next !== step) throw signupErrors.notAtStep(one.id, step, one.next ?? "none");
};

/**
 * The step the case stands at is done; the next one is the platform's turn. After the last one the case is live.
 * @throws CONFLICT/signup_not_at_step for any other step, CONFLICT/signup_over once it has ended.
 */
export function completeStep(one: SignupCase, done: Omit<DoneStep, "at">, now: Date): SignupCase {
  mustStandAt(one, done.step);
  const steps = [...one.steps, { ...done, at: now }];
  const next = stepAfter(one.path, steps.length);
  if (next !== undefined) return turnOfSystem({ ...one, steps }, next, now);
  return { ...without(one, "problem", "next", "waiting", "sealedToken"), status: "live", steps };
}

/** The platform has done its part of the step; now somebody else acts. Waiting already for them keeps the first time. */
export function waitOutside(one: SignupCase, now: Date): SignupCase {
  const rule = one.next && outsideWaits[one.next];
  if (rule === undefined || one.waiting === undefined)
    throw signupErrors.notAtStep(one.id, "code_verified", one.next ?? "none");
  if (one.waiting.actor === rule.actor) return one;
  return { ...one, waiting: waitFrom(rule, now) };
}

/** A refusal stops the case at its step until it is retried; a machine's own retry has a time. */
export function blockStep(one: SignupCase, problem: Problem, now: Date): SignupCase {
  mustStandAt(one, problem.step);
  const rule = { for: problem.remedy, actor: problem.actor, typicalMs: 3_600_000, deadlineMs: 7 * 86_400_000 };
  return {
    ...without(one, "sealedDigits"),
    status: "blocked",
    problem,
    refusals: [...one.refusals, problem].slice(-20),
    waiting: waitFrom(rule, now),
  };
}

/**
 * Tries the refused step again. The exchange needs a fresh code from Embedded Signup, since a code works once and for 30 seconds
 * (Meta: Embedded Signup). A code of six digits is tried again by submitting or requesting one.
 */
export function retryStep(one: SignupCase, now: Date, sealedSignupCode?: Sealed): SignupCase {
  if (isOver(one)) throw signupErrors.over(one.id, one.status);
  if (one.status !== "blocked" || one.next === undefined) throw signupErrors.notBlocked(one.id);
  if (one.next === "code_exchanged" && sealedSignupCode === undefined && !mayExchangeAgain(one))
    throw signupErrors.codeNeeded(one.id);
  if (one.next === "code_verified") return waitForDigits(one, now);
  const fresh = sealedSignupCode === undefined ? one : { ...without(one, "sealedToken"), sealedSignupCode };
  return turnOfSystem(fresh, one.next, now);
}

/** Without a fresh code: the token is kept already, or Meta was away and may not have seen the code. */
const mayExchangeAgain = (one: SignupCase): boolean =>
  one.sealedToken !== undefined || one.problem?.retryAt !== undefined;

const waitForDigits = (one: SignupCase, now: Date): SignupCase =>
  waitOutside(turnOfSystem(one, "code_verified", now), now);

/** The six digits arrived, sealed; the platform asks Meta to check them. */
export function submitDigits(one: SignupCase, sealedDigits: Sealed, now: Date): SignupCase {
  mustStandAt(one, "code_verified");
  if (isOurTurn(one, "code_verified")) throw signupErrors.digitsBeingChecked(one.id);
  return turnOfSystem({ ...one, sealedDigits }, "code_verified", now);
}

/** A new code of six digits is to be sent: the case goes back by that one step. */
export function requestDigitsAgain(one: SignupCase, method: CodeMethod | undefined, now: Date): SignupCase {
  mustStandAt(one, "code_verified");
  const number = one.number && { ...one.number, codeMethod: method ?? one.number.codeMethod };
  const back = { ...without(one, "sealedDigits"), steps: one.steps.slice(0, -1), ...(number && { number }) };
  return turnOfSystem(back, "code_requested", now);
}

/** Ends the case for good and forgets its secrets; the account and number stay as they are at Meta. */
export function abandonCase(one: SignupCase, reason: string): SignupCase {
  if (isOver(one)) throw signupErrors.over(one.id, one.status);
  const rest = without(one, "waiting", "problem", "claim", "sealedSignupCode", "sealedToken", "sealedDigits");
  return { ...rest, status: "abandoned", endReason: reason };
}

/** Marks a wait whose deadline has passed, once; undefined when there is nothing to mark. */
export function markOverdue(one: SignupCase, now: Date): SignupCase | undefined {
  const { waiting } = one;
  if (isOver(one) || waiting === undefined || waiting.overdueSince !== undefined || waiting.deadline > now)
    return undefined;
  return { ...one, waiting: { ...waiting, overdueSince: now } };
}
