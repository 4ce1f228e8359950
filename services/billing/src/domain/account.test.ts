import { type TenantId } from "@greentick/kernel";
import { openAccount } from "./account.js";

describe("the named markets of an account", () => {
  const owner = { tenantId: "ten_1" as TenantId, ancestorIds: [], livemode: false };
  const opened = (...namedMarkets: readonly string[]): readonly string[] =>
    openAccount(owner, { name: "Shop", currency: "USD", namedMarkets }, new Date("2026-10-01T00:00:00Z")).namedMarkets;

  it("are kept once each, in one order", () => {
    expect(opened("India", "Brazil", "India")).toEqual(["Brazil", "India"]);
  });
  it.each(["Atlantis", "Other", "constructor"])("are Meta's, and %s is not among those that have a line", (market) => {
    expect(() => opened("Brazil", market)).toThrow(`"${market}" is no market of Meta's.`);
  });
});
