import { type SignupCaseId, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { type Sealed } from "./owned.js";
import {
  abandonCase,
  blockStep,
  completeStep,
  isOver,
  markOverdue,
  openCase,
  requestDigitsAgain,
  retryStep,
  type SignupCase,
  submitDigits,
  waitOutside,
} from "./signup-case.js";
import { type SignupPath, stepsOf } from "./signup-steps.js";

const at = (minutes: number): Date => new Date(Date.UTC(2026, 9, 1, 0, minutes));
const sealed = "c2VhbGVk" as Sealed;

const aCase = (path: SignupPath = "new_number"): SignupCase =>
  openCase(
    {
      id: "sig_00000000000000000000000000" as SignupCaseId,
      tenantId: "ten_00000000000000000000000000" as TenantId,
      ancestorIds: [],
      livemode: false,
      version: 0,
      path,
      wabaId: "1",
      metaBusinessId: "2",
      ...(path === "new_number" && {
        number: {
          countryCode: "57",
          nationalNumber: "6015550147",
          e164: "+576015550147",
          displayName: "Casa",
          codeMethod: "SMS" as const,
        },
      }),
      sealedSignupCode: sealed,
      preflight: { client: "active" },
    },
    at(0),
  );

type Move = (one: SignupCase, now: Date) => SignupCase;
const moves: Readonly<Record<string, Move>> = {
  complete: (one, now) => completeStep(one, { step: one.next ?? "preflight", evidence: {} }, now),
  completeAnother: (one, now) => completeStep(one, { step: "registered", evidence: {} }, now),
  wait: waitOutside,
  block: (one, now) =>
    blockStep(one, { step: one.next ?? "live", at: now, message: "no", remedy: "do", actor: "staff" }, now),
  retry: (one, now) => retryStep(one, now, sealed),
  digits: (one, now) => submitDigits(one, sealed, now),
  again: (one, now) => requestDigitsAgain(one, "VOICE", now),
  abandon: (one) => abandonCase(one, "tired"),
  overdue: (one, now) => markOverdue(one, now) ?? one,
};
const manyMoves = fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 60 });
const anyPath = fc.constantFrom<SignupPath>("new_number", "waba_only");

/** Applies a move; a refused one leaves the case as it was. */
const tried = (one: SignupCase, name: string, now: Date): SignupCase => {
  try {
    return moves[name]?.(one, now) ?? one;
  } catch {
    return one;
  }
};

const history = (path: SignupPath, names: readonly string[]): readonly SignupCase[] =>
  names.reduce<SignupCase[]>(
    (all, name, index) => [...all, tried(all.at(-1) ?? aCase(path), name, at(index))],
    [aCase(path)],
  );

describe("a signup case", () => {
  it("never skips a step, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(anyPath, manyMoves, (path, names) => {
        for (const one of history(path, names))
          expect(one.steps.map((done) => done.step)).toEqual(stepsOf(path).slice(0, one.steps.length));
      }),
    );
  });

  it("loses at most the one step that is repeated for another verification code", () => {
    fc.assert(
      fc.property(anyPath, manyMoves, (path, names) => {
        history(path, names).reduce((before, one) => {
          expect(one.steps.length).toBeGreaterThanOrEqual(before.steps.length - 1);
          expect(one.steps.length >= before.steps.length || one.next === "code_requested").toBe(true);
          return one;
        });
      }),
    );
  });

  it("never leaves live or abandoned", () => {
    fc.assert(
      fc.property(anyPath, manyMoves, (path, names) => {
        history(path, names).reduce((before, one) => {
          expect(isOver(before) ? one : before).toBe(before);
          return one;
        });
      }),
    );
  });

  it("always names what it waits for, who acts and until when, until it is over", () => {
    fc.assert(
      fc.property(anyPath, manyMoves, (path, names) => {
        for (const one of history(path, names).filter((each) => !isOver(each))) {
          expect(one.waiting?.for).not.toBe("");
          expect(one.waiting?.deadline.getTime()).toBeGreaterThan(one.waiting?.since.getTime() ?? 0);
          expect(one.status === "blocked").toBe(one.problem !== undefined);
        }
      }),
    );
  });

  it("is live exactly when every step of its path is done", () => {
    fc.assert(
      fc.property(anyPath, manyMoves, (path, names) => {
        for (const one of history(path, names))
          expect(one.status === "live").toBe(one.steps.length === stepsOf(path).length);
      }),
    );
  });

  it("keeps no secret once it is over", () => {
    const abandoned = abandonCase(aCase(), "tired");
    expect(Object.keys(abandoned).filter((key) => key.startsWith("sealed"))).toEqual([]);
  });

  it("links an account without any step of a number", () => {
    const live = stepsOf("waba_only")
      .slice(1)
      .reduce((one, step) => completeStep(one, { step, evidence: {} }, at(1)), aCase("waba_only"));
    expect(live.status).toBe("live");
    expect(live.steps.map((done) => done.step)).not.toContain("number_added");
  });

  it("asks for a fresh code when the exchange was refused", () => {
    const refused = {
      step: "code_exchanged" as const,
      at: at(1),
      message: "used",
      remedy: "again",
      actor: "client" as const,
    };
    const blocked = blockStep(aCase(), refused, at(1));
    expect(() => retryStep(blocked, at(2))).toThrow(expect.objectContaining({ reason: "signup_code_needed" }) as Error);
    expect(retryStep(blocked, at(2), sealed)).toMatchObject({ status: "open", next: "code_exchanged" });
  });

  it("is marked overdue once, at its deadline and not before", () => {
    const one = aCase();
    expect(markOverdue(one, at(0))).toBeUndefined();
    const late = markOverdue(one, at(1));
    expect(late?.waiting?.overdueSince).toEqual(at(1));
    expect(late && markOverdue(late, at(2))).toBeUndefined();
  });
});
