import { after, type Call, dayMs } from "@greentick/kernel";
import { accessWorld, createKey } from "./fixtures/access-world.js";

describe("API", () => {
  const { world, clock, known, client, memberOf, ask, refusalOf, created, ofKey } = accessWorld("apikeys");

  describe("keys of a tenant", () => {
    it("are made once for one idempotency key, and their secret is shown once", async () => {
      const first = await created({ idempotencyKey: "shop-1" });
      const again = await created({ idempotencyKey: "shop-1" });
      expect(again).toMatchObject({ secret: null, apiKey: { id: first.apiKey.id } });
      const other = { input: { name: "Other", scopes: ["template:read"], idempotencyKey: "shop-1" } };
      expect(await refusalOf(known.owner, createKey, other)).toMatchObject({ reason: "idempotency_mismatch" });
    });

    it("are test keys in a sandbox", async () => {
      const sandbox = await client({ livemode: false });
      const { secret, apiKey } = await created({}, await memberOf(sandbox, "owner", false));
      expect(secret).toMatch(/^gtk_test_/);
      expect(apiKey.livemode).toBe(false);
      expect(await ofKey(secret)).toMatchObject({ key: { livemode: false, tenantId: sandbox } });
    });

    it("are listed by status and scope, the newest first, to their own tenant and to staff above", async () => {
      const tenantId = await client();
      const mine = await memberOf(tenantId, "developer");
      const [a, b, c] = [
        await created({ name: "a" }, mine),
        await created({ name: "b", expiresAt: after(clock.now, dayMs).toISOString() }, mine),
        await created({ name: "c", scopes: ["onboarding:read"] }, mine),
      ];
      const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }`;
      await ask(mine, revoke, { input: { apiKeyId: c.apiKey.id, reason: "old" } });
      const before = clock.now;
      clock.now = after(before, dayMs);
      const ids = async (filter: string, by: Call = mine): Promise<string[]> => {
        const { apiKeys } = await ask<{ apiKeys: { nodes: { id: string }[] } }>(
          by,
          `{ apiKeys(first: 100${filter}) { nodes { id } } }`,
        );
        return apiKeys.nodes.map(({ id }) => id);
      };
      expect(await ids("")).toEqual([c, b, a].map(({ apiKey }) => apiKey.id));
      expect(await ids(", status: ACTIVE")).toEqual([a.apiKey.id]);
      expect(await ids(", status: EXPIRED")).toEqual([b.apiKey.id]);
      expect(await ids(", status: REVOKED")).toEqual([c.apiKey.id]);
      expect(await ids(`, scope: "onboarding:read"`)).toEqual([c.apiKey.id]);
      expect(await ids("", known.owner)).not.toContain(a.apiKey.id);
      expect(await ids("", known.admin)).toContain(a.apiKey.id);
      clock.now = before;
    });

    it("are never made by staff, by who may not, or with a block that is none", async () => {
      const input = { name: "x", scopes: ["template:read"] };
      expect(await refusalOf(known.admin, createKey, { input })).toMatchObject({ reason: "permission_missing" });
      const viewer = await memberOf(known.clientId, "billing_viewer");
      expect(await refusalOf(viewer, createKey, { input })).toMatchObject({ details: { permission: "key:write" } });
      for (const block of ["192.0.2.0/33", "example.com", "", "10.0.0.1/-1", "::1/129", "1".repeat(100)])
        expect(await refusalOf(known.owner, createKey, { input: { ...input, ipAllowList: [block] } })).toMatchObject({
          code: "BAD_USER_INPUT",
          details: { field: "ipAllowList" },
        });
    });

    it("of another tenant are missing", async () => {
      const { apiKey } = await created();
      const stranger = await memberOf(await client(), "owner");
      for (const [verb, more] of [
        ["rotate", {}],
        ["revoke", { reason: "x" }],
      ] as const) {
        const source = `mutation ($input: ${verb === "rotate" ? "Rotate" : "Revoke"}ApiKeyInput!) { ${verb}ApiKey(input: $input) { apiKey { id } } }`;
        expect(await refusalOf(stranger, source, { input: { apiKeyId: apiKey.id, ...more } })).toMatchObject({
          code: "NOT_FOUND",
          reason: "api_key_not_found",
        });
      }
    });

    it("can be given what their maker holds", async () => {
      const { apiKeyScopes } = await ask<{ apiKeyScopes: string[] }>(
        await memberOf(known.clientId, "developer"),
        "{ apiKeyScopes }",
      );
      expect(apiKeyScopes).toContain("template:submit");
      expect(apiKeyScopes).not.toContain("billing:read");
    });

    it("leave their making, rotation and end in the trail, without the secret", async () => {
      const { secret, apiKey } = await created({ name: "Trailed" });
      await world.settle();
      const trail = await ask<{ auditTrail: { nodes: { action: string; actor: { id: string } }[] } }>(
        known.owner,
        `{ auditTrail(first: 100, aggregateId: "${apiKey.id}") { nodes { action actor { id } } } }`,
      );
      expect(trail.auditTrail.nodes).toMatchObject([
        { action: "tenant.api_key_created", actor: { id: known.owner.actor.id } },
      ]);
      expect(JSON.stringify(trail)).not.toContain(secret);
    });
  });
});
