import { type DeliveryId, type EndpointId, type EventId, type TenantId } from "@greentick/kernel";
import { afterTry, type Delivery, problemOfStatus, verdictOf } from "./delivery.js";

const now = new Date("2026-10-01T08:00:00Z");
const delivery: Delivery = {
  id: "dlv_1" as DeliveryId,
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: true,
  endpointId: "whe_1" as EndpointId,
  eventId: "evt_1" as EventId,
  kind: "template.advanced",
  key: "template/tpl_1",
  place: 1,
  status: "sending",
  dueAt: now,
  createdAt: now,
  occurredAt: now,
  attempts: [],
  tries: 0,
  test: false,
  inOrder: false,
};
const tried = (statusCode: number | undefined, from = delivery): Delivery => {
  const outcome = { totalMs: 3, response: "", ...(statusCode !== undefined && { statusCode }) };
  return afterTry(from, { attempt: { at: now, totalMs: 3 }, outcome, random: 0.5 });
};

describe("a try of a delivery", () => {
  it.each([
    [200, "delivered"],
    [204, "delivered"],
    [299, "delivered"],
    [300, "again"],
    [301, "again"],
    [400, "again"],
    [404, "again"],
    [410, "gone"],
    [429, "again"],
    [500, "again"],
    [undefined, "again"],
  ])("that is answered %s counts as %s", (statusCode, verdict) => {
    expect(verdictOf(statusCode === undefined ? {} : { statusCode })).toBe(verdict);
  });

  it("ends it when the receiver took it, or wants nothing any more", () => {
    expect(tried(204)).toMatchObject({ status: "delivered", finishedAt: now, tries: 1 });
    expect(tried(204)).not.toHaveProperty("dueAt");
    expect(tried(410)).toMatchObject({ status: "failed", finishedAt: now });
  });

  it("leaves it waiting for its next time otherwise", () => {
    expect(tried(500)).toMatchObject({ status: "waiting", firstTriedAt: now, dueAt: new Date(now.getTime() + 5_000) });
  });

  it("is remembered, the last fifty of them", () => {
    const often = Array.from({ length: 60 }).reduce<Delivery>((one) => tried(500, { ...one, tries: 0 }), delivery);
    expect(often.attempts).toHaveLength(50);
  });

  it("says in words what is wrong with an answer", () => {
    expect(problemOfStatus(200)).toBeUndefined();
    expect(problemOfStatus(301)).toContain("not followed");
    expect(problemOfStatus(410)).toContain("disabled");
    expect(problemOfStatus(429)).toContain("rate");
    expect(problemOfStatus(503)).toContain("503");
  });
});
