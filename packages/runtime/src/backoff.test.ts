import { withBackoff } from "./backoff.js";

const quick = { attempts: 4, firstDelayMs: 1, maxDelayMs: 2 };

describe("repeating work", () => {
  const failing = (times: number): { readonly work: () => Promise<number>; readonly tries: () => number } => {
    let tries = 0;
    return {
      work: () => (++tries <= times ? Promise.reject(new Error(`failure ${tries}`)) : Promise.resolve(tries)),
      tries: () => tries,
    };
  };

  it("gives what the first success gives", async () => {
    expect(await withBackoff(failing(3).work, quick)).toBe(4);
  });

  it("throws the last failure when all attempts are spent", async () => {
    const { work, tries } = failing(9);
    await expect(withBackoff(work, quick)).rejects.toThrow("failure 4");
    expect(tries()).toBe(4);
  });

  it("stops at once for a failure that repeating will not help", async () => {
    const { work, tries } = failing(9);
    await expect(withBackoff(work, { ...quick, retry: () => false })).rejects.toThrow("failure 1");
    expect(tries()).toBe(1);
  });
});
