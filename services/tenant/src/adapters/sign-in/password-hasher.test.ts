import { hash } from "@node-rs/argon2";
import { commonPasswords } from "./common-passwords.js";
import { passwordHasher } from "./password-hasher.js";

const password = "seven quiet lanterns drift";

describe("hashing passwords", () => {
  it("takes the right one and no other, and nothing for somebody unknown", async () => {
    const hasher = passwordHasher();
    const kept = await hasher.hash(password);
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.hash(password)).not.toBe(kept);
    expect(await hasher.verify(kept, password)).toBe(true);
    expect(await hasher.verify(kept, `${password} `)).toBe(false);
    expect(await hasher.verify(undefined, password)).toBe(false);
    expect(await hasher.verify(undefined, "nobody has this password")).toBe(false);
  });

  it("notices a hash with other parameters", async () => {
    const hasher = passwordHasher();
    expect(hasher.isOutdated(await hasher.hash(password))).toBe(false);
    expect(hasher.isOutdated(await hash(password, { memoryCost: 8_192, timeCost: 2, parallelism: 1 }))).toBe(true);
  });

  it("sends away who comes when the queue is full, with a time to come back, and goes on afterwards", async () => {
    const hasher = passwordHasher({ atOnce: 1, waiting: 3 });
    const many = await Promise.allSettled(Array.from({ length: 20 }, () => hasher.verify(undefined, password)));
    const refused = many.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    expect(many.length - refused.length).toBe(4);
    for (const reason of refused)
      expect(reason).toMatchObject({ code: "RATE_LIMITED", reason: "sign_in_busy", details: { retryAfterSeconds: 2 } });
    expect(await hasher.verify(undefined, password)).toBe(false);
    expect(() => {
      hasher.admit();
    }).not.toThrow();
  });

  it("knows the passwords that leak most", () => {
    const isCommon = commonPasswords();
    for (const word of ["123456", "password", "iloveyou", "qwerty123"]) expect(isCommon(word)).toBe(true);
    expect(isCommon("seven quiet lanterns drift")).toBe(false);
  });
});
