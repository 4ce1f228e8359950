import {
  after,
  type BadgeRequestId,
  dayMs,
  type PhoneNumberRecordId,
  type TenantId,
  type WabaRecordId,
} from "@greentick/kernel";
import fc from "fast-check";
import { type BadgeEvidence, checkLink, isSound } from "./badge-evidence.js";
import { type Readiness, readiness } from "./badge-readiness.js";
import {
  addEvidence,
  type BadgeRequest,
  beginAttempt,
  coolOff,
  decided,
  decideReview,
  differenceToRefused,
  formOf,
  openBadge,
  refusedAtSubmission,
  reopen,
  submitForReview,
  submitted,
  withdrawEvidence,
} from "./badge-request.js";
import { type Sealed } from "./owned.js";
import { type PhoneNumber } from "./phone-number.js";
import { type Waba } from "./waba.js";

const now = new Date("2026-11-02T00:00:00Z");
const owned = { tenantId: "ten_1" as TenantId, ancestorIds: [], livemode: false, version: 0 };
const ready: Readiness = { rules: [], scorePercent: 100, ready: true };
const failing: Readiness = {
  rules: [{ rule: "thirty_days_on_platform", title: "", verdict: "fail", proof: "", fix: "" }],
  scorePercent: 0,
  ready: false,
};

const aRequest = (): BadgeRequest =>
  openBadge(
    {
      ...owned,
      id: "bdg_1" as BadgeRequestId,
      numberRecordId: "num_1" as PhoneNumberRecordId,
      phoneNumberId: "1",
      application: { websiteUrl: "https://casalumen.example", primaryCountry: "Colombia" },
    },
    now,
  );
const link = (host: string): BadgeEvidence => {
  const url = `https://${host}/casa`;
  return {
    id: `e/${host}`,
    url,
    note: "",
    addedAt: now,
    addedBy: "per_1",
    checks: checkLink(url, "https://casalumen.example", []),
  };
};
const review = (approved: boolean) => ({ at: now, by: "per_2", approved, reason: "read it" });
const sentToMeta = (one = addEvidence(aRequest(), link("press.example"), () => ready)): BadgeRequest =>
  submitted(beginAttempt(decideReview(submitForReview(one, ready, false), review(true)), now), "{}");

const rejection = { outcome: "rejected" as const, decision: '{"alert":"no"}', at: now };

describe("a badge request", () => {
  it("collects evidence, is reviewed, submitted and approved", () => {
    const done = decided(sentToMeta(), { outcome: "approved", decision: "{}", at: now });
    expect(done.status).toBe("approved");
    expect(done.attempts).toMatchObject([{ number: 1, outcome: "approved", decidedAt: now }]);
  });

  it("does not go to review while a rule fails, unless the risk is accepted", () => {
    const one = addEvidence(aRequest(), link("press.example"), () => failing);
    expect(one.status).toBe("evidence");
    expect(() => submitForReview(one, failing, false)).toThrow(
      expect.objectContaining({
        reason: "badge_not_ready",
        details: expect.objectContaining({ rules: ["thirty_days_on_platform"] }) as object,
      }) as Error,
    );
    expect(submitForReview(one, failing, true).status).toBe("internal_review");
  });

  it("comes back for better evidence when our own review refuses it", () => {
    const one = decideReview(submitForReview(aRequest(), ready, false), review(false));
    expect(one).toMatchObject({ status: "evidence", reviews: [{ approved: false, reason: "read it" }] });
  });

  it("cools off for thirty days after a refusal and becomes a draft again, not a moment earlier", () => {
    const cooling = coolOff(decided(sentToMeta(), rejection), now);
    const over = after(now, 30 * dayMs);
    expect(cooling).toMatchObject({ status: "cooling_off", coolingUntil: over });
    expect(reopen(cooling, new Date(over.getTime() - 1))).toBe(cooling);
    expect(reopen(cooling, over)).toMatchObject({ status: "draft", evidence: cooling.evidence });
  });

  it("keeps what was sent and what came back word for word", () => {
    const refused = decided(sentToMeta(), rejection);
    expect(refused.attempts[0]).toMatchObject({ received: "{}", decision: '{"alert":"no"}', outcome: "rejected" });
    expect(JSON.parse(refused.attempts[0]?.sent ?? "")).toEqual(formOf(refused));
  });

  it("loses no thirty days when Meta does not take the request", () => {
    const begun = beginAttempt(decideReview(submitForReview(aRequest(), ready, false), review(true)), now);
    const refused = refusedAtSubmission(begun, '{"error_user_msg":"less than 30 days"}', now);
    expect(refused).toMatchObject({ status: "evidence", attempts: [{ outcome: "refused_at_submission" }] });
    expect(refused.attempts[0]?.received).toContain("less than 30 days");
  });

  it("shows how a later attempt differs from the refused one", () => {
    const draft = reopen(coolOff(decided(sentToMeta(), rejection), now), after(now, 31 * dayMs));
    expect(differenceToRefused(draft)).toEqual([]);
    const better = addEvidence(draft, link("paper.example"), () => ready);
    expect(differenceToRefused(better)).toEqual([
      {
        field: "supporting_links",
        before: "https://press.example/casa",
        after: "https://press.example/casa\nhttps://paper.example/casa",
      },
    ]);
  });

  it("takes five links and asks to withdraw one for a sixth", () => {
    const full = ["a", "b", "c", "d", "e"].reduce(
      (one, name) => addEvidence(one, link(`${name}.example`), () => ready),
      aRequest(),
    );
    expect(() => addEvidence(full, link("f.example"), () => ready)).toThrow(
      expect.objectContaining({ reason: "badge_evidence_full" }) as Error,
    );
    expect(withdrawEvidence(full, "e/a.example", () => ready).evidence).toHaveLength(4);
  });

  it("never leaves approved, and never reaches Meta without our review", () => {
    const verbs: Readonly<Record<string, (one: BadgeRequest) => BadgeRequest>> = {
      add: (one) => addEvidence(one, link("press.example"), () => ready),
      review: (one) => submitForReview(one, ready, false),
      approve: (one) => decideReview(one, review(true)),
      refuse: (one) => decideReview(one, review(false)),
      begin: (one) => beginAttempt(one, now),
      submitted: (one) => submitted(one, "{}"),
      notTaken: (one) => refusedAtSubmission(one, "{}", now),
      granted: (one) => decided(one, { outcome: "approved", decision: "{}", at: now }),
      rejected: (one) => decided(one, rejection),
      cool: (one) => coolOff(one, now),
      reopen: (one) => reopen(one, after(now, 40 * dayMs)),
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(verbs)), { maxLength: 40 }), (names) => {
        let one = aRequest();
        for (const name of names) {
          const before = one;
          try {
            one = verbs[name]?.(one) ?? one;
          } catch {
            one = before;
          }
          expect(before.status === "approved" ? one : before).toBe(before);
          expect(one.attempts.length).toBeLessThanOrEqual(one.reviews.filter((each) => each.approved).length);
          expect(one.attempts.filter((attempt) => attempt.outcome === "open").length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("the checks on a link", () => {
  it.each([
    ["http://press.example/a", "https_address"],
    ["https://shop.casalumen.example/about", "not_own_site"],
    ["https://www.prnewswire.com/casa", "not_paid"],
    ["https://www.linkedin.com/company/casa", "not_listing"],
    ["https://known.example/a", "not_repeated"],
  ])("find that %s breaks %s", (url, rule) => {
    const checks = checkLink(url, "https://casalumen.example", ["https://known.example/a"]);
    expect(checks.filter((check) => check.verdict === "fail").map((check) => check.rule)).toEqual([rule]);
  });

  it("let independent press pass and say that a person has to read it", () => {
    const evidence = link("eldiario.example");
    expect(isSound(evidence)).toBe(true);
    expect(evidence.checks.at(-1)).toMatchObject({ rule: "organic_press", verdict: "unknown" });
  });
});

describe("badge readiness", () => {
  const word = (value: string) => ({ value, at: now });
  const waba: Waba = {
    ...owned,
    id: "wab_1" as WabaRecordId,
    wabaId: "1",
    metaBusinessId: "2",
    currency: "USD",
    timeZone: "America/Bogota",
    linkedAt: now,
    lastSyncedAt: now,
    mirror: { businessVerification: word("verified") },
    history: [],
    sealedToken: "x" as Sealed,
  };
  const number: PhoneNumber = {
    ...owned,
    id: "num_1" as PhoneNumberRecordId,
    phoneNumberId: "1",
    wabaId: "1",
    wabaRecordId: waba.id,
    digits: "576015550147",
    addedAt: now,
    lastSyncedAt: now,
    mirror: { nameStatus: word("APPROVED"), pinEnabled: word("true"), official: word("false") },
    history: [],
    registeredAt: new Date("2026-10-01T12:00:00Z"),
  };
  const facts = {
    number,
    waba,
    websiteUrl: "https://casalumen.example",
    evidence: [link("a.example"), link("b.example"), link("c.example")],
  };
  const verdictOf = (rules: Readiness, rule: string): string | undefined =>
    rules.rules.find((one) => one.rule === rule)?.verdict;

  it("is complete when every rule passes", () => {
    expect(readiness(facts, now)).toMatchObject({ scorePercent: 100, ready: true });
  });

  it("counts thirty full days from the registration", () => {
    const registeredAt = number.registeredAt ?? now;
    const early = readiness(facts, new Date(registeredAt.getTime() + 30 * dayMs - 1));
    expect(verdictOf(early, "thirty_days_on_platform")).toBe("fail");
    expect(verdictOf(readiness(facts, after(registeredAt, 30 * dayMs)), "thirty_days_on_platform")).toBe("pass");
  });

  it("says unknown where Meta has not told, and lets that stop nothing", () => {
    const untold = readiness({ ...facts, waba: { ...waba, mirror: {} } }, now);
    expect(verdictOf(untold, "business_verified")).toBe("unknown");
    expect(untold).toMatchObject({ ready: true, scorePercent: 85 });
  });

  it("counts only links that pass every check", () => {
    const weak = readiness(
      { ...facts, evidence: [link("a.example"), link("b.example"), link("www.prnewswire.com")] },
      now,
    );
    expect(verdictOf(weak, "notable_in_press")).toBe("fail");
  });
});
