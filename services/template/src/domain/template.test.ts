import { AppError, type TemplateId, type TenantId, word } from "@greentick/kernel";
import fc from "fast-check";
import { categories, type TemplateContent } from "./content.js";
import { type MetaReport, upcomingCategory } from "./meta-side.js";
import {
  accepted,
  adopt,
  categoriesOf,
  categoryOf,
  check,
  decideReview,
  draft,
  isOurs,
  reported,
  revise,
  sendToReview,
  submissionFailed,
  type Template,
} from "./template.js";

const now = new Date("2026-10-03T09:00:00Z");
const metaId = "1873640192837465";
const owner = {
  id: `tpl_${"0".repeat(26)}` as TemplateId,
  tenantId: `ten_${"0".repeat(26)}` as TenantId,
  ancestorIds: [],
  livemode: false,
  wabaId: "318274650192837",
};
const content: TemplateContent = {
  name: "pedido_enviado",
  language: "es_CO",
  category: "UTILITY",
  body: { text: "Tu pedido salió hoy de la bodega.", samples: [] },
  buttons: [],
};
const approval = { decision: "approved", reason: "", by: "per_x", at: now } as const;
const drafted = draft({ ...owner, content }, now);
const submitting = decideReview(sendToReview(check(drafted)), approval);
const known = { metaTemplateId: metaId, status: word(["PENDING"], "PENDING"), category: word(categories, "UTILITY") };
const adopted = adopt({ ...owner, name: "pedido_enviado", language: "es_CO", metaTemplateId: metaId }, now);

function refusalOf(rule: () => unknown): AppError | undefined {
  try {
    rule();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe("a template before Meta has it", () => {
  it("walks from draft over check and review to submitting", () => {
    expect(check(drafted).status).toBe("checked");
    expect(sendToReview(check(drafted)).status).toBe("in_bsp_review");
    expect(submitting.status).toBe("submitting");
  });

  it("stays a draft while Meta would refuse it, and says what to put right when it is sent to review", () => {
    const wrong = check(draft({ ...owner, content: { ...content, name: "Pedido" } }, now));
    expect(wrong.status).toBe("draft");
    expect(refusalOf(() => sendToReview(wrong))).toMatchObject({
      reason: "template_not_checked",
      details: { problems: ["name: name_characters"] },
    });
  });

  it("goes back to the client with the reviewer's words, and needs a new check after a change", () => {
    const refused = decideReview(sendToReview(check(drafted)), {
      ...approval,
      decision: "refused",
      reason: "name your shop",
    });
    expect(refused).toMatchObject({ status: "draft", reviews: [{ reason: "name your shop" }] });
    const revised = revise(check(refused), {
      ...content,
      body: { text: "Tu pedido de Casa Lumen salió hoy.", samples: [] },
    });
    expect(revised).toMatchObject({ status: "draft", name: content.name });
    expect(revised.findings).toBeUndefined();
  });

  it("asks for words with a refusal, and decides only what is in review", () => {
    const inReview = sendToReview(check(drafted));
    expect(refusalOf(() => decideReview(inReview, { ...approval, decision: "refused" }))).toMatchObject({
      code: "BAD_USER_INPUT",
    });
    expect(refusalOf(() => decideReview(drafted, approval))).toMatchObject({ reason: "template_not_in_review" });
  });

  it("says that it is under review when it is sent again", () => {
    const inReview = sendToReview(check(drafted));
    expect(sendToReview(inReview)).toBe(inReview);
    expect(refusalOf(() => sendToReview(submitting))).toMatchObject({ reason: "template_under_review" });
  });

  it("can be put right and sent again after Meta did not take it", () => {
    const failed = submissionFailed(submitting, { at: now, code: "100/2388024", message: "exists" });
    expect(failed).toMatchObject({ status: "submission_failed", failure: { code: "100/2388024" } });
    expect(decideReview(sendToReview(check(failed)), approval)).not.toHaveProperty("failure");
  });
});

describe("a template at Meta", () => {
  it("is pending when Meta took it, and keeps what Meta says about the category", () => {
    const flipped = accepted(submitting, { ...known, category: word(categories, "MARKETING") }, now);
    expect(flipped.status).toBe("pending");
    expect(categoriesOf(flipped).map((step) => [step.how, step.word.raw])).toEqual([
      ["requested", "UTILITY"],
      ["accepted", "MARKETING"],
    ]);
  });

  it("keeps a decision that arrived before the answer to the creation", () => {
    const early = reported(submitting, metaId, { at: now, status: { word: word(["APPROVED"], "APPROVED") } });
    expect(early.status).toBe("approved");
    expect(accepted(early, known, now).status).toBe("approved");
  });

  it("knows its own words again, and not somebody else's under the same name", () => {
    expect(isOurs(submitting, { ...known, bodyText: "Tu pedido salió hoy de la bodega. " })).toBe(true);
    expect(isOurs(submitting, { ...known, bodyText: "Compra ya" })).toBe(false);
  });

  const words = [
    "APPROVED",
    "PENDING",
    "REJECTED",
    "PAUSED",
    "DISABLED",
    "IN_APPEAL",
    "PENDING_DELETION",
    "DELETED",
    "FLAGGED",
    "REINSTATED",
  ] as const;
  const anyReport: fc.Arbitrary<MetaReport> = fc
    .record({
      hour: fc.nat(40),
      status: fc.option(fc.constantFrom(...words, "SOMETHING_NEW"), { nil: undefined }),
      category: fc.option(fc.constantFrom(...categories, "FREE_SERVICE"), { nil: undefined }),
      coming: fc.option(fc.constantFrom(...categories), { nil: undefined }),
      quality: fc.option(fc.constantFrom("GREEN", "YELLOW", "RED", "VIOLET"), { nil: undefined }),
    })
    .map(({ hour, status, category, coming, quality }) => {
      const at = new Date(now.getTime() + hour * 3_600_000);
      return {
        at,
        ...(status !== undefined && { status: { word: word(words, status) } }),
        ...(category !== undefined && { category: { word: word(categories, category), source: "category" as const } }),
        ...(coming !== undefined && { announcement: { to: word(categories, coming), effectiveAt: at } }),
        ...(quality !== undefined && { quality: word(["GREEN", "YELLOW", "RED"], quality) }),
      };
    });
  const after = (start: Template, reports: readonly MetaReport[]): Template =>
    reports.reduce((template, report) => reported(template, metaId, report), start);

  it("ends in the same state in whatever order and however often Meta's reports arrive", () => {
    const shuffled = fc
      .array(anyReport, { maxLength: 8 })
      .chain((reports) =>
        fc.tuple(
          fc.constant(reports),
          fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, fc.constantFrom(adopted, accepted(submitting, known, now)), ([reports, again], start) => {
        expect(after(start, again)).toEqual(after(start, reports));
      }),
    );
  });

  it("changes nothing when a report is repeated", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const once = after(adopted, [report]);
        expect(reported(once, metaId, report)).toBe(once);
      }),
    );
  });

  it("never leaves deleted", () => {
    const gone = after(adopted, [{ at: now, status: { word: word(words, "DELETED") } }]);
    const later = anyReport.map((report) => ({ ...report, at: new Date(report.at.getTime() + 1) }));
    fc.assert(
      fc.property(fc.array(later, { maxLength: 6 }), (reports) => {
        expect(after(gone, reports).status).toBe("deleted");
      }),
    );
  });

  it("keeps words it does not know, and stays where it was", () => {
    const approved = after(adopted, [{ at: now, status: { word: word(words, "APPROVED") } }]);
    const next = after(approved, [{ at: new Date("2026-11-01"), status: { word: word(words, "QUARANTINED") } }]);
    expect(next.status).toBe("approved");
    expect(next.meta.statuses.at(-1)?.word).toEqual({ known: "UNKNOWN", raw: "QUARANTINED" });
  });

  it("shows an announced change of category until it is made", () => {
    const [day1, day2] = [new Date("2026-11-01T00:00:00Z"), new Date("2026-11-02T00:00:00Z")];
    const marketing = word(categories, "MARKETING");
    const told = after(accepted(submitting, known, now), [
      { at: day1, announcement: { to: marketing, effectiveAt: day2 } },
    ]);
    expect(upcomingCategory(told.meta, categoryOf(told))).toMatchObject({ to: marketing, effectiveAt: day2 });
    const made = after(told, [{ at: day2, category: { word: marketing, source: "category" } }]);
    expect(categoryOf(made)).toEqual(marketing);
    expect(upcomingCategory(made.meta, categoryOf(made))).toBeUndefined();
  });
});
