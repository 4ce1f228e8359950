import {
  cardCategories,
  isCardCategory,
  plainWord,
  provesDelivery,
  readCategory,
  readModel,
  readType,
} from "./words.js";

describe("Meta's words", () => {
  it("read the same in capitals, with hyphens and with underscores", () => {
    const spellings = ["authentication_international", "AUTHENTICATION-INTERNATIONAL", "Authentication-international"];
    for (const one of spellings)
      expect(readCategory(one)).toEqual({ as: "card", category: "authentication_international" });
    expect(plainWord("Marketing-Lite-DYNAMIC")).toBe("marketing_lite_dynamic");
    expect([readType("REGULAR"), readType("Free-Entry-Point"), readModel("cBp")]).toEqual(["regular", "free", "conversations"]); // prettier-ignore
  });

  it.each([
    ["marketing", "card", "marketing"],
    ["marketing_lite", "card", "marketing"],
    ["marketing_lite_dynamic", "card", "marketing"],
    ["utility", "card", "utility"],
    ["authentication", "card", "authentication"],
    ["service", "card", "service"],
    ["group_marketing", "group", "marketing"],
    ["group_marketing_lite", "group", "marketing"],
    ["group_utility", "group", "utility"],
    ["group_service", "group", "service"],
  ])("price the category %s by the %s rate of %s", (word, as, category) => {
    expect(readCategory(word)).toStrictEqual({ as, category });
  });

  it("name a category that has no price ever, and one that nobody knows", () => {
    expect(readCategory("referral_conversion")).toStrictEqual({ as: "free_entry" });
    expect(readCategory("telepathy")).toStrictEqual({ as: "unknown" });
    expect(readCategory("group_authentication")).toStrictEqual({ as: "unknown" });
  });

  it("say what is priced: conversations or messages", () => {
    expect([readModel("CBP"), readModel("PMP"), readModel("NBP")]).toEqual(["conversations", "messages", "unknown"]);
  });

  it("charge for one pricing type only, and never guess at a new one", () => {
    expect(readType("regular")).toBe("regular");
    const free = ["free_customer_service", "free_entry_point", "free_group_customer_service"];
    expect(free.map(readType)).toEqual(["free", "free", "free"]);
    expect(readType("free_tier")).toBe("unknown");
  });

  it("prove a delivery by being delivered, read or played", () => {
    expect(["delivered", "READ", "played"].map(provesDelivery)).toEqual([true, true, true]);
    expect(["sent", "failed", "deleted", ""].map(provesDelivery)).toEqual([false, false, false, false]);
  });
});

describe("the categories of a card", () => {
  it("are five, in Meta's own spelling of cards", () => {
    const all = ["marketing", "utility", "authentication", "authentication_international", "service"];
    expect(cardCategories).toEqual(all);
    expect(all.every(isCardCategory)).toBe(true);
    expect(["authentication-international", "marketing_lite", ""].some(isCardCategory)).toBe(false);
  });
});
