import { createHash, randomBytes } from "node:crypto";
import { type Standing, type StandingQuestion } from "@greentick/contracts";
import { failureBudget, tokenRequired } from "@greentick/graphql";
import { apiKeyText, type TenantId } from "@greentick/kernel";
import { type CallClaims } from "@greentick/runtime";
import { claimsOfCredential } from "./credentials.js";
import { failures } from "./failures.js";

const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const claims: CallClaims = {
  actor: { kind: "member", id: "per_01TESTER000000000000000000" },
  tenantId,
  ancestorIds: [],
  livemode: true,
  staff: false,
  roles: ["owner"],
};
const good: Standing = { good: true, tenantStanding: "open", permissions: ["template:read"] };
const keyOf = (livemode: boolean, ipAllowList: string[] = []): Standing => ({
  ...good,
  key: { id: "key_1", tenantId, ancestorIds: [], livemode, ipAllowList },
});

describe("who holds a credential", () => {
  let asked: StandingQuestion[];
  beforeEach(() => {
    asked = [];
  });
  const holder = (
    credential: string,
    {
      standing = good,
      verified = claims,
      ip = "203.0.113.9",
    }: { standing?: Standing; verified?: CallClaims; ip?: string } = {},
  ): Promise<CallClaims> =>
    claimsOfCredential(
      {
        verify: (token) => (token === "token" ? Promise.resolve(verified) : Promise.reject(tokenRequired())),
        standing: (question) => {
          asked.push(question);
          return Promise.resolve(standing);
        },
        failures: failures(failureBudget({ now: () => new Date() })),
      },
      credential,
      ip,
    );

  it("of a token is its person with what the roles hold now, not what the token says", async () => {
    await expect(holder("token")).resolves.toEqual({
      ...claims,
      permissions: ["template:read"],
      tenantStanding: "open",
    });
    expect(asked).toEqual([{ kind: "person", tenantId, personId: claims.actor.id }]);
  });

  it("is asked for by session and by grant where the token names one", async () => {
    await holder("token", { verified: { ...claims, sessionId: "ses_1" } });
    await holder("token", { verified: { ...claims, grantId: "grt_1" } });
    expect(asked).toEqual([
      { kind: "person", tenantId, personId: claims.actor.id, sessionId: "ses_1" },
      { kind: "grant", tenantId, grantId: "grt_1" },
    ]);
  });

  it("is nobody for a forged token, and nothing is asked about that", async () => {
    await expect(holder("forged")).rejects.toEqual(tokenRequired());
    expect(asked).toEqual([]);
  });

  it.each(["session_ended", "access_withdrawn", "grant_ended", "tenant_closed"] as const)(
    "is told why a good token is not good any more: %s",
    async (ended) => {
      await expect(holder("token", { standing: { good: false, ended } })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
        reason: ended,
      });
    },
  );

  it("of an API key is the key, with its scopes and nothing else", async () => {
    const text = apiKeyText(true, randomBytes(32));
    await expect(holder(text, { standing: keyOf(true) })).resolves.toEqual({
      actor: { kind: "api_key", id: "key_1" },
      tenantId,
      ancestorIds: [],
      livemode: true,
      staff: false,
      roles: [],
      permissions: ["template:read"],
      tenantStanding: "open",
      keyId: "key_1",
    });
    expect(asked).toEqual([{ kind: "key", hash: createHash("sha256").update(text).digest("base64url") }]);
  });

  it.each(["api_key_unknown", "api_key_expired", "api_key_revoked", "tenant_closed"] as const)(
    "says what is wrong with a key: %s",
    async (ended) => {
      const text = apiKeyText(true, randomBytes(32));
      await expect(holder(text, { standing: { good: false, ended } })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
        reason: ended,
      });
    },
  );

  it("asks nobody about a key with a typo", async () => {
    const text = apiKeyText(true, randomBytes(32));
    for (const typo of [`${text}0`, `gtk_${text}`, text.slice(0, -1), text.replace("live", "test"), "gtk_live_"])
      await expect(holder(typo)).rejects.toMatchObject({ reason: "api_key_unknown" });
    expect(asked).toEqual([]);
  });

  it("never lets a test key stand for a live tenant, nor the other way round", async () => {
    for (const livemode of [true, false])
      await expect(holder(apiKeyText(livemode, randomBytes(32)), { standing: keyOf(!livemode) })).rejects.toMatchObject(
        { reason: "api_key_unknown" },
      );
  });

  it("takes a key only from the addresses of its list", async () => {
    const text = apiKeyText(true, randomBytes(32));
    const standing = keyOf(true, ["203.0.113.0/24"]);
    await expect(holder(text, { standing })).resolves.toMatchObject({ keyId: "key_1" });
    await expect(holder(text, { standing, ip: "::ffff:203.0.113.77" })).resolves.toMatchObject({ keyId: "key_1" });
    await expect(holder(text, { standing, ip: "198.51.100.1" })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "api_key_ip_not_allowed",
    });
  });
});
