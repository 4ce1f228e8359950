import { after, AppError, dayMs, hourMs, minuteMs, type Permission, permissionsOf } from "@greentick/kernel";
import { type ApiKey, type KeyPlace, makeApiKey, revokeKey, rotateKey, statusOf, statusOfSecret } from "./api-key.js";

const now = new Date("2026-10-01T12:00:00Z");
const held = permissionsOf(["developer"]);
const place: KeyPlace = {
  id: `key_${"0".repeat(26)}` as never,
  tenantId: `ten_${"0".repeat(25)}1` as never,
  ancestorIds: [],
  livemode: true,
  createdBy: { kind: "member", id: "per_1" },
  now,
  held,
};
const wanted = { name: "Shop", scopes: ["template:read", "template:submit"], ipAllowList: [] };
const secret = (name: string): ApiKey["secrets"][number] => ({ hash: name, visible: `gtk_live_${name}` });
const made = (over: object = {}): ApiKey => makeApiKey({ ...wanted, ...over }, place, secret("first"));
const refusalOf = (act: () => unknown): Pick<AppError, "code" | "reason" | "details"> | undefined => {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return undefined;
};

describe("an API key", () => {
  it("lives 90 days unless told otherwise, and a year at most", () => {
    expect(made().expiresAt).toEqual(after(now, 90 * dayMs));
    expect(made({ expiresAt: after(now, 365 * dayMs) }).expiresAt).toEqual(after(now, 365 * dayMs));
    for (const expiresAt of [now, after(now, -1), after(now, 365 * dayMs + 1)])
      expect(refusalOf(() => made({ expiresAt }))).toMatchObject({
        code: "BAD_USER_INPUT",
        details: { field: "expiresAt" },
      });
  });

  it("gets scopes that its maker holds, and only such as keys can have", () => {
    expect(made().scopes).toEqual(["template:read", "template:submit"]);
    expect(refusalOf(() => made({ scopes: ["billing:read"] }))).toMatchObject({ reason: "scope_not_held" });
    for (const scopes of [[], ["key:write"], ["tenant:list"], ["nonsense"], ["__proto__"], ["identity:self"]])
      expect(refusalOf(() => made({ scopes }))).toMatchObject({ details: { field: "scopes" } });
  });

  it("needs a name, and at most 50 blocks of addresses", () => {
    expect(refusalOf(() => made({ name: "  " }))).toMatchObject({ details: { field: "name" } });
    const ipAllowList = Array.from({ length: 51 }, (_, n) => `192.0.2.${n}/32`);
    expect(refusalOf(() => made({ ipAllowList }))).toMatchObject({ details: { field: "ipAllowList" } });
  });

  it("is active before its expiry and expired from it on", () => {
    const key = made();
    expect(statusOf(key, after(key.expiresAt, -1))).toBe("active");
    expect(statusOf(key, key.expiresAt)).toBe("expired");
  });
});

describe("rotating an API key", () => {
  const rotated = (minutes?: number): ApiKey =>
    rotateKey(made(), minutes === undefined ? {} : { overlapMinutes: minutes }, {
      secret: secret("second"),
      held,
      now,
    });

  it("takes both secrets until the overlap ends, then the new one only", () => {
    const key = rotated(60);
    const last = after(now, hourMs);
    expect([statusOfSecret(key, "first", after(last, -1)), statusOfSecret(key, "first", last)]).toEqual([
      "active",
      "expired",
    ]);
    expect(statusOfSecret(key, "second", last)).toBe("active");
    expect(statusOfSecret(rotated(), "first", after(now, dayMs - 1))).toBe("active");
    expect(statusOfSecret(rotated(0), "first", now)).toBe("expired");
  });

  it("never lets an old secret live longer than it would have", () => {
    const soon = made({ expiresAt: after(now, minuteMs) });
    const key = rotateKey(soon, { overlapMinutes: 60 }, { secret: secret("second"), held, now });
    expect(key.secrets[1]?.until).toEqual(soon.expiresAt);
    expect(key.expiresAt).toEqual(after(now, 90 * dayMs));
  });

  it("takes one secret beside the new one: the one before that ends, and is still known as ended", () => {
    const twice = rotateKey(rotated(60), { overlapMinutes: 60 }, { secret: secret("third"), held, now });
    const statuses = ["third", "second", "first"].map((hash) => statusOfSecret(twice, hash, now));
    expect(statuses).toEqual(["active", "active", "expired"]);
  });

  it("is refused to whoever does not hold all its scopes: the new secret would give them away", () => {
    const less = new Set<Permission>(["template:read"]);
    const act = (): ApiKey => rotateKey(made(), {}, { secret: secret("x"), held: less, now });
    expect(refusalOf(act)).toMatchObject({ code: "FORBIDDEN", details: { scopes: ["template:submit"] } });
  });

  it("is refused for a key that has ended, and for an overlap of more than a week", () => {
    const revoked = revokeKey(made(), { reason: "leaked", by: place.createdBy, now }) ?? made();
    for (const [key, at] of [
      [revoked, now],
      [made(), after(now, 91 * dayMs)],
    ] as const)
      expect(refusalOf(() => rotateKey(key, {}, { secret: secret("x"), held, now: at }))).toMatchObject({
        code: "CONFLICT",
        reason: "api_key_ended",
      });
    for (const overlapMinutes of [-1, 0.5, 10_081])
      expect(refusalOf(() => rotateKey(made(), { overlapMinutes }, { secret: secret("x"), held, now }))).toMatchObject({
        details: { field: "overlapMinutes" },
      });
  });
});

describe("revoking an API key", () => {
  const why = { reason: "leaked", by: place.createdBy, now };

  it("ends it and its overlap at once and for ever, with a reason", () => {
    const key = rotateKey(made(), { overlapMinutes: 60 }, { secret: secret("second"), held, now });
    const revoked = revokeKey(key, why) ?? key;
    expect(["first", "second"].map((hash) => statusOfSecret(revoked, hash, now))).toEqual(["revoked", "revoked"]);
    expect(revokeKey(revoked, why)).toBeUndefined();
    expect(refusalOf(() => revokeKey(key, { ...why, reason: "" }))).toMatchObject({ details: { field: "reason" } });
  });
});

it("nobody gives a key more than she holds herself", () => {
  const held = new Set<Permission>(["template:read"]);
  const act = (): ApiKey => makeApiKey(wanted, { ...place, held }, secret("x"));
  expect(refusalOf(act)).toMatchObject({ code: "FORBIDDEN", details: { scopes: ["template:submit"] } });
});
