import { loadConfig } from "@greentick/runtime";
import { rateLimits } from "@greentick/graphql";
import { LimitsConfig } from "./gateway-config.js";

describe("RATE_LIMITS", () => {
  it("changes what it names and keeps the rest", () => {
    expect(loadConfig(LimitsConfig, {})).toEqual({ limits: rateLimits });
    expect(loadConfig(LimitsConfig, { RATE_LIMITS: "failures=0.5:20, cost=10:100" })).toEqual({
      limits: { ...rateLimits, failures: { perSecond: 0.5, burst: 20 }, cost: { perSecond: 10, burst: 100 } },
    });
  });

  it.each(["requests=200", "requests=0:100", "failures=1:9", "reads=1:10", "failures=1:100;"])("refuses %s", (text) => {
    expect(() => loadConfig(LimitsConfig, { RATE_LIMITS: text })).toThrow("name=perSecond:burst");
  });
});
