import fc from "fast-check";
import { word } from "./words.js";

const known = ["APPROVED", "REJECTED", "PENDING_DELETION"] as const;

describe("a word of a provider's", () => {
  it("is known whatever its case, and kept as it was written", () => {
    expect(word(known, "approved")).toEqual({ known: "APPROVED", raw: "approved" });
  });

  it("is UNKNOWN when the list has grown, never lost and never an error", () => {
    fc.assert(
      fc.property(fc.string(), (raw) => {
        const { known: read, raw: kept } = word(known, raw);
        expect(kept).toBe(raw);
        expect(read === "UNKNOWN" || read === raw.toUpperCase()).toBe(true);
      }),
    );
  });
});
