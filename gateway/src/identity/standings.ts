import { type AskStanding, type Standing, type StandingQuestion } from "@greentick/contracts";
import { AppError, type Clock, type Log } from "@greentick/kernel";

/** An answer counts for this long, counted from when it was asked for: what changed is in force everywhere soon after. */
const freshForMs = 2_000;
/**
 * While a fresh answer does not come, an older one counts for this long, again from its question. A change is in force everywhere within five
 * seconds, so nothing may ever be let through on an older one.
 */
const usableForMs = 4_500;
/** So long a fresh answer is waited for by those who have an older one. */
const patienceMs = 1_000;
/** Credentials remembered at once; the one used longest ago is forgotten first. */
const mostKept = 20_000;

export interface StandingParts {
  readonly ask: AskStanding;
  readonly now: Clock;
  readonly log: Log;
  readonly patienceMs?: number;
  /** Nobody waits longer for an answer. Default: as long as it would count. */
  readonly waitMs?: number;
  readonly mostKept?: number;
}

interface Known {
  readonly askedAt: number;
  readonly standing: Standing;
}

/** A question on its way. */
interface Pending {
  readonly askedAt: number;
  readonly answer: Promise<Standing>;
  /** The answer if it comes soon; undefined when it is late or fails. */
  readonly soon: Promise<Standing | undefined>;
}

interface Kept {
  last?: Known;
  pending?: Pending;
}

/**
 * What a verified credential is worth now, asked at most once in two seconds for each however many requests carry it, and never twice at a
 * time. While the tenant service is slow or away the last answer counts a little longer. Then it fails closed:
 * @throws AppError PROVIDER_UNAVAILABLE/standing_unavailable when no answer is young enough and none can be had.
 */
export function standings(parts: StandingParts): AskStanding {
  const keptFor = memory(parts.mostKept ?? mostKept);
  const isYounger = (one: { readonly askedAt: number } | undefined, ms: number): boolean => {
    const age = parts.now().getTime() - (one?.askedAt ?? Number.POSITIVE_INFINITY);
    return age >= 0 && age < ms;
  };
  return async (question) => {
    const kept = keptFor(nameOf(question));
    const { last } = kept;
    if (last !== undefined && isYounger(last, freshForMs)) return last.standing;
    const pending = isYounger(kept.pending, usableForMs) ? kept.pending : undefined;
    const { answer, soon } = pending ?? asked(parts, kept, question);
    if (last === undefined || !isYounger(last, usableForMs)) return answer;
    return (await soon) ?? (isYounger(last, usableForMs) ? last.standing : answer);
  };
}

/** Asks, and keeps the answer unless another question was begun meanwhile because the clock was moved. */
function asked(parts: StandingParts, kept: Kept, question: StandingQuestion): Pending {
  const askedAt = parts.now().getTime();
  const done = (last?: Known): void => {
    if (kept.pending !== pending) return;
    delete kept.pending;
    if (last !== undefined) kept.last = last;
  };
  const answer = within(parts.waitMs ?? usableForMs, parts.ask(question)).then(
    (standing) => {
      done({ askedAt, standing });
      return standing;
    },
    (cause: unknown) => {
      done();
      parts.log.error({ err: cause, kind: question.kind }, "standing of a credential could not be asked");
      throw unavailable(cause);
    },
  );
  const soon = within(parts.patienceMs ?? patienceMs, answer).catch(() => undefined);
  const pending = { askedAt, answer, soon };
  kept.pending = pending;
  return pending;
}

function memory(most: number): (name: string) => Kept {
  const all = new Map<string, Kept>();
  return (name) => {
    const kept = all.get(name) ?? {};
    all.delete(name);
    all.set(name, kept);
    const oldest = all.keys().next();
    if (all.size > most && oldest.done !== true) all.delete(oldest.value);
    return kept;
  };
}

function nameOf(question: StandingQuestion): string {
  if (question.kind === "key") return question.hash;
  if (question.kind === "grant") return `${question.tenantId} ${question.grantId}`;
  return `${question.tenantId} ${question.personId} ${question.sessionId ?? ""}`;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const unavailable = (cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "standing_unavailable",
    "It cannot be checked at the moment whether this token or key is still good, so nothing is answered to it. Try again in a few seconds.",
    { retryAfterSeconds: 2 },
    { cause },
  );
