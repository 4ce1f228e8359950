import { after, minuteMs } from "@greentick/kernel";
import { type Problem } from "./signup-case.js";
import { type SignupStep, type WaitActor } from "./signup-steps.js";

/**
 * Meta did not do what we asked. `code` and `subcode` are Meta's; both are absent when there was no readable answer. `words` are Meta's own text for
 * people, where given. `passing` says that the same request may succeed after a while.
 */
export class MetaRefusal extends Error {
  override readonly name = "MetaRefusal";
  constructor(
    readonly facts: {
      readonly operation: string;
      readonly code?: string;
      readonly subcode?: string;
      readonly words?: string;
      readonly traceId?: string;
      readonly passing: boolean;
    },
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

interface Remedy {
  readonly actor: WaitActor;
  readonly remedy: string;
}

/** What to do about Meta's codes (Meta: support, error codes; Embedded Signup; share and revoke credit lines). */
const remedies: Readonly<Record<string, Remedy>> = {
  "0": {
    actor: "client",
    remedy: "Meta no longer accepts the token: the client goes through Embedded Signup again in a new case.",
  },
  "190": {
    actor: "client",
    remedy: "The token has expired or was withdrawn: the client goes through Embedded Signup again in a new case.",
  },
  "10": {
    actor: "client",
    remedy: "A permission is missing: the client grants our app access to the account in Embedded Signup.",
  },
  "200": {
    actor: "client",
    remedy: "A permission is missing: the client grants our app access to the account in Embedded Signup.",
  },
  "368": {
    actor: "client",
    remedy: "Meta has restricted the account for a policy reason: the client appeals in Business Support Home.",
  },
  "131031": { actor: "staff", remedy: "Meta has locked the account: open a case with Meta's partner support." },
  "131042": { actor: "staff", remedy: "Payment is not in order: check our credit line with Meta, then retry." },
  "133005": {
    actor: "client",
    remedy:
      "The number has another two-step PIN: the client switches two-step verification off in WhatsApp Manager, then retry.",
  },
  "133006": { actor: "client", remedy: "The number is not verified: request a code again." },
  "133008": { actor: "staff", remedy: "Too many wrong PINs: wait as long as Meta says, then retry." },
  "133009": { actor: "staff", remedy: "The PIN was entered too fast: wait some minutes, then retry." },
  "133015": { actor: "staff", remedy: "The number was deleted moments ago: wait five minutes, then retry." },
  "133016": { actor: "staff", remedy: "Ten registrations within 72 hours: wait until the oldest is over, then retry." },
  "136025": {
    actor: "client",
    remedy: "The digits were wrong or too old: submit the right ones, or request a code again.",
  },
  "33": { actor: "staff", remedy: "Meta does not know the number any more: abandon this case and open a new one." },
};

const byStep: Readonly<Partial<Record<SignupStep, Remedy>>> = {
  code_exchanged: {
    actor: "client",
    remedy:
      "The code has expired or was used: the client goes through Embedded Signup again; retry with the new code within 30 seconds.",
  },
  credit_shared: {
    actor: "staff",
    remedy:
      "The credit line could not be attached: check it and the account's currency with Meta. An attached line can never be replaced on the same account.",
  },
  code_requested: {
    actor: "staff",
    remedy: "Meta sent no code: wait some minutes, then retry, or ask for the other method.",
  },
  code_verified: { actor: "client", remedy: "Submit the digits again, or request a code again." },
};

const otherwise: Remedy = {
  actor: "staff",
  remedy: "Read Meta's words, put right what they name, then retry this step.",
};

/** When a refusal that may pass is tried again by the platform, counted from now. */
export const retryAfterMs = 5 * minuteMs;

/** A refusal as the problem of a step: Meta's code and words, who acts, and what to do. */
export function problemOf(step: SignupStep, refusal: MetaRefusal, now: Date): Problem {
  const { code, subcode, words, passing } = refusal.facts;
  const told = words === undefined ? refusal.message : `${words} (${refusal.message})`;
  const said = {
    step,
    at: now,
    message: told,
    ...(code !== undefined && { code }),
    ...(subcode !== undefined && { subcode }),
  };
  if (passing)
    return {
      ...said,
      actor: "system",
      remedy: "Meta is away or busy: the platform tries again by itself.",
      retryAt: after(now, retryAfterMs),
    };
  return { ...said, ...(remedies[code ?? ""] ?? byStep[step] ?? otherwise) };
}

/** A check of ours that failed after a call that succeeded. */
export const problemOfCheck = (
  step: SignupStep,
  found: { readonly actor: WaitActor; readonly message: string; readonly remedy: string },
  now: Date,
): Problem => ({ ...found, step, at: now });
