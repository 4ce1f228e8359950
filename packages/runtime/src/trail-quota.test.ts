import { callerQuotaRules, type TrailedRefusal, trailQuota, trailQuotaRules } from "./trail-quota.js";

const noon = new Date("2026-11-30T12:00:00Z");
const later = (ms: number): Date => new Date(noon.getTime() + ms);
const wrong = (more: Partial<TrailedRefusal> = {}): TrailedRefusal => ({
  tenantId: "ten_1",
  action: "signIn",
  reason: "wrong_credentials",
  source: "192.0.2.1",
  isRateLimited: false,
  ...more,
});

describe("refusals in a trail whose number is bounded", () => {
  it("are kept up to twenty of a kind from a source in an hour, then begins the next hour", () => {
    const take = trailQuota();
    const outcomes = Array.from({ length: 23 }, () => take(wrong(), noon));
    expect(outcomes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => "kept"));
    expect(outcomes.slice(20)).toEqual(["left out first", "left out", "left out"]);
    expect(take(wrong(), later(trailQuotaRules.windowMs - 1))).toBe("left out");
    expect(take(wrong(), later(trailQuotaRules.windowMs))).toBe("kept");
  });

  it("are counted for themselves by trail, by kind and by source", () => {
    const take = trailQuota();
    for (let at = 0; at < 25; at++) take(wrong(), noon);
    const others = [
      { tenantId: "ten_2" },
      { action: "resetPassword" },
      { reason: "no_role_in_tenant" },
      { source: "192.0.2.2" },
    ];
    expect(others.map((one) => take(wrong(one), noon))).toEqual(others.map(() => "kept"));
  });

  it("tell of a lock-out once", () => {
    const take = trailQuota();
    const locked = wrong({ reason: "too_many_attempts", isRateLimited: true });
    expect([1, 2, 3].map(() => take(locked, noon))).toEqual(["kept", "left out first", "left out"]);
  });

  it("are a thousand in an hour at most, from however many sources", () => {
    const take = trailQuota();
    const outcomes = Array.from({ length: 5_000 }, (_, at) => take(wrong({ source: `source ${at}` }), noon));
    expect(outcomes.filter((one) => one === "kept")).toHaveLength(trailQuotaRules.ofOneTrail);
    expect(outcomes.filter((one) => one === "left out first")).toHaveLength(1);
    expect(take(wrong({ tenantId: "ten_2" }), noon)).toBe("kept");
  });

  it("of somebody who is known are a hundred in an hour at most, of however many kinds, and leave room for everybody else", () => {
    const take = trailQuota(callerQuotaRules);
    const outcomes = Array.from({ length: 500 }, (_, at) => take(wrong({ action: `query ${at}` }), noon));
    expect(outcomes.filter((one) => one === "kept")).toHaveLength(callerQuotaRules.ofOneSource);
    expect(outcomes.filter((one) => one === "left out first")).toHaveLength(1);
    expect(take(wrong({ source: "a colleague" }), noon)).toBe("kept");
    expect(take(wrong({ action: "query 1" }), later(callerQuotaRules.windowMs))).toBe("kept");
  });
});
