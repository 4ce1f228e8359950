import { badgeAdvanced } from "@greentick/contracts";
import { type Call, dayMs } from "@greentick/kernel";
import { type Case, OnboardingWorld } from "../fixtures/onboarding-world.js";

describe("the way to the badge", () => {
  const w = new OnboardingWorld();

  const badgeFields = `id status coolingUntil readiness { scorePercent ready rules { rule verdict proof } } evidence { id checks { rule verdict } }
    attempts { number outcome sent received decision } differencesToRefused { field before after } reviews { approved reason } phoneNumber { official badge { known } }`;
  interface Badge {
    readonly id: string;
    readonly status: string;
    readonly coolingUntil: string | null;
    readonly attempts: readonly {
      readonly sent: string;
      readonly received: string;
      readonly outcome: string;
      readonly decision: string;
    }[];
    readonly [field: string]: unknown;
  }
  const badge = async (call: Call, verb: string, input: Record<string, unknown>): Promise<Badge> => {
    const source = `mutation ($input: ${verb.charAt(0).toUpperCase()}${verb.slice(1)}Input!) { ${verb}(input: $input) { badgeRequest { id } } }`;
    const { badgeRequest } = await w.ask<{ badgeRequest: { id: string } }>(call, source, { input });
    await w.world.settle();
    return readBadge(badgeRequest.id);
  };
  const readBadge = (id: string): Promise<Badge> =>
    w.ask<Badge>(w.owner(), `query ($id: ID!) { badgeRequest(id: $id) { ${badgeFields} } }`, { id });
  const openedFor = (one: Case, more: Record<string, unknown> = {}): Promise<Badge> =>
    badge(w.owner(), "openBadgeRequest", {
      phoneNumberId: one.phoneNumber?.id,
      websiteUrl: "https://casalumen.example",
      primaryCountry: "Colombia",
      ...more,
    });
  const withPress = async ({ id }: Badge, hosts: readonly string[]): Promise<Badge> => {
    for (const host of hosts)
      await badge(w.owner(), "addBadgeEvidence", {
        badgeRequestId: id,
        url: `https://${host}/casa-lumen`,
      });
    return readBadge(id);
  };
  const press = ["eldiario.example", "lacronica.example", "revista.example"];
  const reviewed = async (one: Badge, acceptRisks = false): Promise<Badge> => {
    await badge(w.owner(), "submitBadgeForReview", {
      badgeRequestId: one.id,
      acceptRisks,
    });
    return badge(w.agent(), "decideBadgeReview", {
      badgeRequestId: one.id,
      approve: true,
      reason: "notable",
    });
  };

  it("shows Meta's own words when Meta refuses before the thirtieth day", async () => {
    const draft = await withPress(await openedFor(await w.live()), press);
    expect(draft).toMatchObject({ status: "EVIDENCE", readiness: { ready: false } });
    const submit = `mutation ($input: SubmitBadgeForReviewInput!) { submitBadgeForReview(input: $input) { badgeRequest { id } } }`;
    expect(await w.refusalOf(w.owner(), submit, { input: { badgeRequestId: draft.id } })).toMatchObject({
      reason: "badge_not_ready",
      details: { rules: ["thirty_days_on_platform"] },
    });
    const refused = await reviewed(draft, true);
    expect(refused.status).toBe("EVIDENCE");
    expect(refused.attempts[0]).toMatchObject({
      outcome: "REFUSED_AT_SUBMISSION",
      received: expect.stringContaining("less than 30 days") as string,
    });
  });

  it("is granted after thirty days, and the number carries the badge", async () => {
    const draft = await withPress(await openedFor(await w.live()), press);
    await w.pass(30 * dayMs);
    const sent = await reviewed(draft);
    expect(sent).toMatchObject({
      status: "SUBMITTED",
      attempts: [{ outcome: "OPEN", received: '{"success":true}' }],
    });
    expect(JSON.parse(sent.attempts[0]?.sent ?? "")).toMatchObject({
      business_website_url: "https://casalumen.example",
    });
    await w.pass(2 * dayMs);
    const granted = await readBadge(draft.id);
    expect(granted).toMatchObject({
      status: "APPROVED",
      phoneNumber: { official: true, badge: { known: "APPROVED" } },
    });
    expect(granted.attempts[0]?.decision).toContain("OBA_APPROVED");
  });

  it("cools off for thirty days after a refusal and shows what the next attempt changes", async () => {
    const draft = await withPress(await openedFor(await w.live(), { additionalInformation: "refuse" }), press);
    await w.pass(30 * dayMs);
    await reviewed(draft);
    await w.pass(2 * dayMs);
    const cooling = await readBadge(draft.id);
    expect(cooling).toMatchObject({ status: "COOLING_OFF", attempts: [{ outcome: "REJECTED" }] });
    await w.pass(30 * dayMs);
    const again = await withPress(await readBadge(draft.id), ["gaceta.example"]);
    expect(again).toMatchObject({ status: "READY", differencesToRefused: [{ field: "supporting_links" }] });
    expect(w.told(badgeAdvanced, draft.id).map((data) => data["status"])).toEqual([
      "draft",
      "evidence",
      "evidence",
      "evidence",
      "internal_review",
      "submitting",
      "submitted",
      "rejected",
      "cooling_off",
      "draft",
      "ready",
    ]);
  });

  it("keeps one request a number and hides it from other clients", async () => {
    const one = await w.live();
    const draft = await openedFor(one);
    const open = `mutation ($input: OpenBadgeRequestInput!) { openBadgeRequest(input: $input) { badgeRequest { id } } }`;
    const input = {
      phoneNumberId: one.phoneNumber?.id,
      websiteUrl: "https://casalumen.example",
      primaryCountry: "Colombia",
    };
    expect(await w.refusalOf(w.owner(), open, { input })).toMatchObject({ reason: "badge_request_exists" });
    expect(
      await w.refusalOf(w.other(), `query ($id: ID!) { badgeRequest(id: $id) { id } }`, { id: draft.id }),
    ).toMatchObject({ code: "NOT_FOUND" });
  });

  it("is decided by the provider's reviewers, not by the client", async () => {
    const draft = await openedFor(await w.live());
    const decide = `mutation ($input: DecideBadgeReviewInput!) { decideBadgeReview(input: $input) { badgeRequest { id } } }`;
    expect(
      await w.refusalOf(w.owner(), decide, { input: { badgeRequestId: draft.id, approve: true, reason: "me" } }),
    ).toMatchObject({ code: "FORBIDDEN" });
  });
});
