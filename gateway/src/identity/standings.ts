import { type AskStanding, type Standing, type StandingQuestion } from "@greentick/contracts";
import { AppError, type Clock, type Log } from "@greentick/kernel";

/** An answer counts for this long, counted from when it was asked for: what changed is in force everywhere soon after. */
const freshForMs = 2_000;
/** Nobody waits longer for an answer; together with its age no answer in use is older than five seconds. */
const waitMs = 2_500;
/** Credentials remembered at once; the one asked about longest ago is forgotten first. */
const mostKept = 20_000;

export interface StandingParts {
  readonly ask: AskStanding;
  readonly now: Clock;
  readonly log: Log;
  readonly waitMs?: number;
  readonly mostKept?: number;
}

interface Kept {
  readonly askedAt: number;
  readonly answer: Promise<Standing>;
}

/**
 * What a verified credential is worth now, asked at most once in two seconds for each however many requests carry it. It fails closed:
 * @throws AppError PROVIDER_UNAVAILABLE/standing_unavailable when there is no fresh answer and none can be had.
 */
export function standings(parts: StandingParts): AskStanding {
  const kept = new Map<string, Kept>();
  const forget = (name: string, one: Kept): void => {
    if (kept.get(name) === one) kept.delete(name);
  };
  const ask = (name: string, question: StandingQuestion, askedAt: number): Promise<Standing> => {
    const answer = within(parts.waitMs ?? waitMs, parts.ask(question)).catch((cause: unknown) => {
      forget(name, one);
      parts.log.error({ err: cause, kind: question.kind }, "standing of a credential could not be asked");
      throw unavailable(cause);
    });
    const one: Kept = { askedAt, answer };
    kept.delete(name);
    kept.set(name, one);
    const oldest = kept.keys().next();
    if (kept.size > (parts.mostKept ?? mostKept) && oldest.done !== true) kept.delete(oldest.value);
    return answer;
  };
  return (question) => {
    const name = nameOf(question);
    const now = parts.now().getTime();
    const known = kept.get(name);
    const isFresh = known !== undefined && now >= known.askedAt && now - known.askedAt < freshForMs;
    return isFresh ? known.answer : ask(name, question, now);
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
