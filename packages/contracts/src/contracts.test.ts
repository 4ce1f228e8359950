import { z } from "zod";
import { defineEvent, event, eventCatalogue, tenantCreated } from "./index.js";

const nothing = z.object({});

describe("the catalogue of events", () => {
  it("has every name and version once", () => {
    const names = eventCatalogue.map(({ type, version }) => `${type}/${version}`);
    expect(names).toHaveLength(new Set(names).size);
    expect(names).toContain("tenant.created/1");
  });

  it("says of each event what it means, in a sentence", () => {
    for (const { meaning } of eventCatalogue) expect(meaning).toMatch(/^[A-Z].{15,}\.$/);
  });

  it("puts each event on the stream that its name begins with", () => {
    for (const { type, stream } of eventCatalogue) expect(type.split(".")[0]).toBe(stream);
  });
});

describe("defining an event", () => {
  it("takes the stream from its name", () => {
    expect(defineEvent("report.template", 1, "Meta reported on a template.", nothing).stream).toBe("report");
  });

  it.each(["created", "", ".created", "tenant.", "Tenant.created", "tenant.created.twice", "tenant created", "a/b.c"])(
    "refuses the name %j",
    (name) => {
      expect(() => defineEvent(name, 1, "It happened.", nothing)).toThrow("is no name of an event");
    },
  );

  it.each([0, -1, 1.5])("refuses the version %s", (version) => {
    expect(() => defineEvent("tenant.created", version, "It happened.", nothing)).toThrow("needs a version");
  });
});

describe("an event of a definition", () => {
  const data = {
    tenantId: "ten_1",
    ancestorIds: [],
    kind: "client",
    status: "active",
    name: "Casa Lumen",
    legalName: "Casa Lumen S.A.S.",
    country: "CO",
    currency: "USD",
    timeZone: "America/Bogota",
    livemode: false,
  } as const;

  it("has its name, its version and its data", () => {
    expect(event(tenantCreated, { ...data, ancestorIds: [] })).toEqual({ type: "tenant.created", version: 1, data });
  });

  it("carries a reason, a key and a source when they are given", () => {
    const told = { reason: "asked for", partitionKey: "ten_0", source: { sha256: "ab", index: 0 } };
    expect(event(tenantCreated, { ...data, ancestorIds: [] }, told)).toMatchObject(told);
  });

  it("has data that its schema accepts, and no other", () => {
    expect(tenantCreated.data.safeParse(data).success).toBe(true);
    expect(tenantCreated.data.safeParse({ ...data, currency: "dollars" }).success).toBe(false);
  });
});
