import { standingPath } from "@greentick/contracts";
import { after, hourMs, minuteMs, readApiKey } from "@greentick/kernel";
import { accessWorld, ends, hashOf, keyFields, type KeyRow } from "./fixtures/access-world.js";

describe("the standing of a credential", () => {
  const { world, clock, known, ask, created, ofKey } = accessWorld("standingkeys");

  describe("of an API key", () => {
    it("is what its scopes say, and where it belongs", async () => {
      const { secret, apiKey } = await created({
        ipAllowList: ["192.0.2.7", "2001:db8::/32", "::ffff:198.51.100.0/120"],
      });
      expect(readApiKey(secret)).toEqual({ livemode: true });
      expect(apiKey).toMatchObject({
        status: "ACTIVE",
        visible: secret.slice(0, 13),
        lastUsedAt: null,
        livemode: true,
      });
      expect(await ofKey(secret)).toEqual({
        good: true,
        tenantStanding: "open",
        permissions: ["template:read", "template:submit"],
        key: {
          id: apiKey.id,
          tenantId: known.clientId,
          ancestorIds: [known.admin.tenantId],
          livemode: true,
          ipAllowList: ["192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24"],
        },
      });
    });

    it("is told over the service's own route for gateways alike", async () => {
      const { secret } = await created();
      const route = world.service.internal?.find(({ path }) => path === standingPath);
      expect(await route?.answer({ kind: "key", hash: hashOf(secret) })).toEqual(await ofKey(secret));
      await expect(async () => route?.answer({ kind: "key", hash: { $ne: null } })).rejects.toThrow();
    });

    it("is nothing for a secret that nobody made, and nothing of the secret is in the store", async () => {
      const { secret } = await created();
      expect(await ofKey(`${secret}x`)).toEqual(ends("api_key_unknown"));
      await world.settle();
      for (const { name } of await world.outside.database.db.listCollections().toArray())
        expect(JSON.stringify(await world.outside.database.db.collection(name).find().toArray())).not.toContain(
          secret.slice(0, 20),
        );
    });

    it("ends with the key's expiry, and with its revocation for ever", async () => {
      const { secret, apiKey } = await created({ expiresAt: after(clock.now, hourMs).toISOString() });
      const before = clock.now;
      clock.now = after(before, hourMs);
      expect(await ofKey(secret)).toEqual(ends("api_key_expired"));
      clock.now = before;
      const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { status revokedReason } } }`;
      const revoked = { revokeApiKey: { apiKey: { status: "REVOKED", revokedReason: "leaked" } } };
      const input = { apiKeyId: apiKey.id, reason: "leaked" };
      expect(await ask(known.owner, revoke, { input })).toEqual(revoked);
      expect(await ask(known.owner, revoke, { input: { ...input, reason: "again" } })).toEqual(revoked);
      expect(await ofKey(secret)).toEqual(ends("api_key_revoked"));
    });

    it("stands in its tenant's trail when it is used after its end, as a refusal of the key", async () => {
      const { secret, apiKey } = await created();
      const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }`;
      await ask(known.owner, revoke, { input: { apiKeyId: apiKey.id, reason: "leaked" } });
      for (let time = 0; time < 30; time++) await ofKey(secret);
      await world.settle();
      const rows = await world.outside.database.db
        .collection("audit_records")
        .find({ action: "audit.refused", "actor.id": apiKey.id })
        .toArray();
      expect(rows).toHaveLength(20);
      expect(rows[0]).toMatchObject({
        tenantId: known.clientId,
        actor: { kind: "api_key" },
        keyId: apiKey.id,
        facts: { action: "tenant.useApiKey", code: "UNAUTHENTICATED", refusal: "api_key_revoked" },
      });
    });

    it("goes over from one secret to the next with an overlap", async () => {
      const { secret, apiKey } = await created();
      const rotate = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { secret apiKey { ${keyFields} } } }`;
      const { rotateApiKey } = await ask<{ rotateApiKey: { secret: string; apiKey: KeyRow } }>(known.owner, rotate, {
        input: { apiKeyId: apiKey.id, overlapMinutes: 60 },
      });
      expect(rotateApiKey.apiKey).toMatchObject({
        id: apiKey.id,
        oldSecretUntil: after(clock.now, hourMs).toISOString(),
      });
      expect((await Promise.all([secret, rotateApiKey.secret].map(ofKey))).map(({ good }) => good)).toEqual([
        true,
        true,
      ]);
      const before = clock.now;
      clock.now = after(before, hourMs);
      expect(await ofKey(secret)).toEqual(ends("api_key_expired"));
      expect(await ofKey(rotateApiKey.secret)).toMatchObject({ good: true });
      clock.now = before;
    });

    it("writes nothing again within a minute of its last use, so that asking stays a matter of reading", async () => {
      const { secret, apiKey } = await created({ name: "Busy" });
      const rows = world.outside.database.db.collection<{ _id: string }>("api_key_uses");
      await ofKey(secret);
      expect(await rows.deleteOne({ _id: apiKey.id })).toMatchObject({ deletedCount: 1 });
      await Promise.all([ofKey(secret), ofKey(secret)]);
      expect(await rows.countDocuments({ _id: apiKey.id })).toBe(0);
    });

    it("keeps its last use, once a minute", async () => {
      const { secret, apiKey } = await created({ name: "Used" });
      const before = clock.now;
      const lastUsed = async (): Promise<string | null | undefined> => {
        const { apiKeys } = await ask<{ apiKeys: { nodes: KeyRow[] } }>(
          known.owner,
          `{ apiKeys(first: 100) { nodes { ${keyFields} } } }`,
        );
        return apiKeys.nodes.find(({ id }) => id === apiKey.id)?.lastUsedAt;
      };
      await ofKey(secret);
      clock.now = after(before, minuteMs - 1);
      await Promise.all([ofKey(secret), ofKey(secret)]);
      expect(await lastUsed()).toBe(before.toISOString());
      clock.now = after(before, minuteMs);
      await Promise.all([ofKey(secret), ofKey(secret)]);
      expect(await lastUsed()).toBe(clock.now.toISOString());
      clock.now = before;
    });
  });
});
