import {
  event as domainEvent,
  eventCatalogue,
  messageStatusReceived,
  problemOf,
  publishedKinds,
  publishKind,
} from "@greentick/contracts";
import { type EventEnvelope, type EventId, type TenantId } from "@greentick/kernel";
import { z } from "zod";
import { bodiesOf, shownEvents, shownOf, versionFor } from "./published.js";

const at = new Date("2026-10-01T08:00:00Z");
const envelope = (type: string, data: unknown, more: Partial<EventEnvelope> = {}): EventEnvelope => ({
  id: "evt_1" as EventId,
  type,
  version: 1,
  tenantId: "ten_1" as TenantId,
  ancestorIds: ["ten_0" as TenantId],
  livemode: true,
  partitionKey: "key",
  aggregate: { type: "x", id: "x", version: 1 },
  occurredAt: at,
  recordedAt: at,
  actor: { kind: "staff", id: "per_of_the_provider" },
  reason: "Onboarding",
  requestId: "req_1",
  ip: "203.0.113.9",
  correlationId: "req_1",
  data,
  ...more,
});

/** A value of each shape, so that every field of an event is filled. */
function filled(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodOptional) return filled(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(Object.entries(schema.shape).map(([name, one]) => [name, filled(one as z.ZodType)]));
  if (schema instanceof z.ZodArray) return [filled(schema.element as z.ZodType)];
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodDate) return at;
  if (schema instanceof z.ZodBigInt) return 123n;
  if (schema instanceof z.ZodNumber) return 7;
  if (schema instanceof z.ZodBoolean) return true;
  return "1234";
}

describe("what clients are told of an event", () => {
  it("has a kind of the catalogue, and every kind of the catalogue comes from an event", () => {
    const told = new Set(shownEvents.map(({ kind }) => kind));
    expect([...told].sort()).toEqual([...new Set(publishedKinds.map(({ kind }) => kind))].sort());
    expect(shownEvents.every(({ from }) => eventCatalogue.includes(from))).toBe(true);
  });

  it.each(shownEvents.map((one) => [one.from.type, one] as const))(
    "%s is told as published, with every field filled",
    (type, { from }) => {
      const event = envelope(type, filled(from.data), { source: { sha256: "ab", index: 0 } });
      const shown = shownOf(event);
      const [kind] = publishedKinds.filter((one) => one.kind === shown?.kind);
      if (shown === undefined || kind === undefined) throw new Error(`${type} is told of, but not published`);
      const text = bodiesOf(publishedKinds, { kind: shown.kind, about: event, data: shown.data })[1] ?? "";
      expect(problemOf(kind, JSON.parse(text))).toBeUndefined();
      expect(text).not.toMatch(/per_of_the_provider|203\.0\.113\.9|ten_0"/);
    },
  );

  it("is nothing for what is internal", () => {
    expect(shownOf(envelope("stripe.received", {}))).toBeUndefined();
    expect(shownOf(envelope("audit.refused", {}))).toBeUndefined();
  });

  it("leaves out whom a message went to and what it cost the provider", () => {
    const data = domainEvent(messageStatusReceived, {
      wabaId: "1",
      receivedAt: at,
      messageKey: "k",
      status: { known: "DELIVERED", raw: "delivered" },
      at,
      recipient: { dialPrefix: "573001" },
      group: false,
      pricing: {
        model: { known: "PMP", raw: "PMP" },
        category: { known: "MARKETING", raw: "marketing" },
        cost: { amount: "0.01", currency: "USD" },
      },
      errorCodes: [],
    }).data;
    const { data: told } = shownOf(envelope("status.received", data)) ?? {};
    expect(JSON.stringify(told)).not.toMatch(/573001|0\.01/);
    expect(told).toMatchObject({ category: { known: "MARKETING" } });
  });

  it("comes in the version that the endpoint keeps, or the oldest there is", () => {
    const told = {
      meaning: "It happened at last.",
      permission: "event:read",
      data: z.object({}),
      example: {},
    } as const;
    const kinds = [1, 2, 4].map((version) => publishKind("thing.done", version, told));
    expect([1, 2, 3, 4, 9, 0].map((version) => versionFor(kinds, "thing.done", version))).toEqual([1, 2, 2, 4, 4, 1]);
    const about = { id: "evt_1", tenantId: "ten_1", livemode: true, occurredAt: at };
    expect(Object.keys(bodiesOf(kinds, { kind: "thing.done", about, data: {} }))).toEqual(["1", "2", "4"]);
  });
});
