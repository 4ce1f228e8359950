import { readsOnly } from "@greentick/kernel";
import { z } from "zod";
import { jsonSchemaOf, problemOf, publishedKinds, publishKind } from "./index.js";

const bodyOf = (kind: (typeof publishedKinds)[number]): Record<string, unknown> => ({
  id: "evt_01JTEST0000000000000000000",
  type: kind.kind,
  timestamp: "2026-10-01T08:00:00.000Z",
  tenantId: "ten_01JTEST0000000000000000000",
  livemode: true,
  version: kind.version,
  data: kind.example,
});

describe("the published catalogue", () => {
  it("has every kind and version once", () => {
    const names = publishedKinds.map(({ kind, version }) => `${kind}/${version}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(20);
  });

  it.each(publishedKinds.map((kind) => [kind.kind, kind] as const))(
    "describes %s with an example that it accepts",
    (_, kind) => {
      expect(kind.meaning).toMatch(/^[A-Z].{15,}\.$/);
      expect(readsOnly(kind.permission)).toBe(true);
      expect(problemOf(kind, bodyOf(kind))).toBeUndefined();
      expect(problemOf(kind, { ...bodyOf(kind), type: "another.kind" })).toBeDefined();
      expect(problemOf(kind, { ...bodyOf(kind), secret: "x" })).toBeDefined();
      expect(problemOf(kind, { ...bodyOf(kind), data: { ...(kind.example as object), secret: "x" } })).toBeDefined();
    },
  );

  it.each(publishedKinds.map((kind) => [kind.kind, kind] as const))(
    "gives %s a JSON Schema of its whole body",
    (_, kind) => {
      const schema = jsonSchemaOf(kind) as { $schema: string; properties: Record<string, unknown>; required: string[] };
      expect(schema.$schema).toContain("2020-12");
      expect(schema.required).toEqual(
        expect.arrayContaining(["id", "type", "timestamp", "data", "tenantId", "livemode"]),
      );
      expect(schema.properties["type"]).toMatchObject({ const: kind.kind });
    },
  );

  it("names nothing that is internal to the provider", () => {
    const fields = publishedKinds.flatMap((kind) => Object.keys((kind.data as z.ZodObject).shape));
    for (const internal of [
      "stripeCustomerId",
      "stripeInvoiceId",
      "carryMicros",
      "ancestorIds",
      "parentId",
      "staffId",
      "ipAllowList",
      "recipient",
    ])
      expect(fields).not.toContain(internal);
  });

  it("takes only names of two words", () => {
    const told = { meaning: "It happened.", permission: "event:read", data: z.object({}), example: {} } as const;
    expect(() => publishKind("template", 1, told)).toThrow("no kind of event");
  });
});
