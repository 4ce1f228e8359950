import { createHash } from "node:crypto";
import { idTime, makeId, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { entryIds, proposalIds } from "./entry-ids.js";

const tenantId = "ten_01J8ZQ4X7N3V5K2M9R6T0W1Y8B" as TenantId;
const at = new Date("2026-11-28T12:00:00.000Z");

describe("the id of an entry", () => {
  it("stays what it was when the first entries were written", () => {
    expect(entryIds(tenantId, "ten_1/message/m1/-", 0, at)).toBe("led_01M8H0DJG00HNWY6FJFK4NSBW5");
    expect(proposalIds(tenantId, "rpl_01M9CZ7E0000000000000000AB", "ten_1/message/m1/-")).toBe(
      "cor_01M9CZ7E00JH6NQPPMDD1Y2QW1",
    );
  });

  it("is the SHA-256 of tenant, key and number, cut to ten bytes, behind the time", () => {
    const part = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(part, part, fc.nat(), (tenant, key, seq) => {
        const bytes = createHash("sha256").update([tenant, key, seq].join("\0"), "utf8").digest().subarray(0, 10);
        const id = entryIds(tenant as TenantId, key, seq, at);
        expect(id).toBe(makeId("entry", at.getTime(), bytes));
        expect(idTime(id)).toBe(at.getTime());
      }),
    );
  });
});
