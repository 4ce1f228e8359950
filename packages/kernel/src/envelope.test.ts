import { type Call } from "./call.js";
import { envelope } from "./envelope.js";
import { type EventId, type TenantId } from "./ids.js";

const business = new Date("2026-10-01T12:00:00Z");
const system = new Date("2027-03-04T05:06:07Z");

const call = {
  actor: { kind: "member", id: "per_1" },
  tenantId: "ten_1" as TenantId,
  ancestorIds: ["ten_0" as TenantId],
  livemode: false,
  requestId: "req_1",
  correlationId: "req_0",
  now: () => business,
  systemNow: () => system,
  newId: () => "evt_1" as EventId,
} as unknown as Call;
const template = { type: "template", id: "tpl_1", version: 3 };
const submitted = { type: "template.advanced", version: 1, data: { status: "submitting" } };

describe("the envelope of an event", () => {
  it("says who did what to what, when, in which tenant", () => {
    expect(envelope(call, template, submitted)).toEqual({
      id: "evt_1",
      type: "template.advanced",
      version: 1,
      tenantId: "ten_1",
      ancestorIds: ["ten_0"],
      livemode: false,
      partitionKey: "tpl_1",
      aggregate: template,
      occurredAt: business,
      recordedAt: system,
      actor: call.actor,
      requestId: "req_1",
      correlationId: "req_0",
      data: { status: "submitting" },
    });
  });

  it("keeps the order of its aggregate unless the event names another key", () => {
    expect(envelope(call, template, submitted).partitionKey).toBe("tpl_1");
    expect(envelope(call, template, { ...submitted, partitionKey: "number" }).partitionKey).toBe("number");
  });

  it("carries the reason, the webhook behind it, and whose behalf it was done on", () => {
    const staff = { kind: "staff", id: "per_9" } as const;
    const source = { sha256: "ab", index: 2 };
    const acting = { ...call, onBehalfOf: staff, causationId: "evt_0", traceparent: "00-a-b-01" };
    expect(envelope(acting, template, { ...submitted, reason: "asked by the client", source })).toMatchObject({
      onBehalfOf: staff,
      causationId: "evt_0",
      traceparent: "00-a-b-01",
      reason: "asked by the client",
      source,
    });
  });

  it("has no empty fields, so that a stored event holds what was said and no more", () => {
    expect(Object.values(envelope(call, template, submitted))).not.toContain(undefined);
  });
});
