import { isIdLike, kindOf, neverLike } from "./ids.js";

describe("ids that name nothing", () => {
  it.each([
    "ten_01M5B9Q600XT1CXMXBJTC25MXW",
    "bdg_01M8XWD5G08CS4RRTSHQCCQ40Z/2",
    "318274650192837",
    `${"0123456789abcdef".repeat(4)}:7`,
    "tenant.audit:evt_01M5B9Q600CA024ET8MXTGF6YX",
  ])("are of the same kind as %s and another one, the same each time", (id) => {
    const never = neverLike(id);
    expect(never).not.toBe(id);
    expect(never).toHaveLength(id.length);
    expect(neverLike(id)).toBe(never);
    expect([isIdLike(never), kindOf(never, "here")]).toEqual([isIdLike(id), kindOf(id, "here")]);
    expect(never.replace(/[0-9A-Za-z]/g, "")).toBe(id.replace(/[0-9A-Za-z]/g, ""));
  });

  it("keep the place within an object", () => {
    expect(neverLike(`${"0123456789abcdef".repeat(4)}:17`)).toMatch(/^[0-9a-f]{64}:17$/);
  });
});
