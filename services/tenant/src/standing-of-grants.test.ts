import { type Standing } from "@greentick/contracts";
import { after, minuteMs } from "@greentick/kernel";
import { accessWorld, ends } from "./fixtures/access-world.js";

describe("the standing of a credential", () => {
  const { world, clock, known, client, memberOf, ticking, ask, refusalOf, move } = accessWorld("standinggrants");

  describe("of an act-as grant", () => {
    const act = `mutation ($input: ActForInput!) { actFor(input: $input) { grantId scopes } }`;
    const granted = async (more: object = {}): Promise<{ grantId: string; scopes: string[] }> => {
      const input = { tenantId: known.clientId, reason: "number stuck", minutes: 30, ...more };
      return (await ask<{ actFor: { grantId: string; scopes: string[] } }>(known.admin, act, { input })).actFor;
    };
    const ofGrant = (grantId: string, tenantId = known.clientId): Promise<Standing> =>
      world.service.identity.standing({ kind: "grant", tenantId, grantId });
    const revoke = `mutation ($input: RevokeActAsGrantInput!) { revokeActAsGrant(input: $input) { grant { status revokedReason revokedBy { id } } } }`;

    it("reads only, unless scopes are named", async () => {
      const { grantId, scopes } = await granted();
      expect(await ofGrant(grantId)).toEqual({ good: true, tenantStanding: "open", permissions: scopes });
      expect(scopes.filter((word) => !/:(read|list|cost|estimate)$/.test(word))).toEqual([]);
      const writing = await granted({ scopes: ["onboarding:write"] });
      expect(await ofGrant(writing.grantId)).toMatchObject({ permissions: ["onboarding:write"] });
    });

    it("ends with its time, and is none in another tenant", async () => {
      const { grantId } = await granted();
      expect(await ofGrant(grantId, await client())).toEqual(ends("grant_ended"));
      const before = clock.now;
      clock.now = after(before, 30 * minuteMs);
      expect(await ofGrant(grantId)).toEqual(ends("grant_ended"));
      clock.now = before;
    });

    it("is suspended with the client", async () => {
      const tenantId = await client();
      const { grantId } = await granted({ tenantId });
      await move("suspend", tenantId);
      expect(await ofGrant(grantId, tenantId)).toMatchObject({ tenantStanding: "suspended" });
    });

    it("is ended by the client's owner, who sees what it was for", async () => {
      const { grantId } = await granted({ reason: "her badge", scopes: ["badge:read"] });
      const input = { grantId, reason: "not needed" };
      const developer = await memberOf(known.clientId, "developer");
      expect(await refusalOf(developer, revoke, { input })).toMatchObject({ reason: "permission_missing" });
      const stranger = await memberOf(await client(), "owner");
      expect(await refusalOf(stranger, revoke, { input })).toMatchObject({ reason: "act_as_grant_not_found" });
      const grant = { status: "REVOKED", revokedReason: "not needed", revokedBy: { id: known.owner.actor.id } };
      expect(await ask(known.owner, revoke, { input })).toEqual({ revokeActAsGrant: { grant } });
      expect(await ask(known.owner, revoke, { input: { ...input, reason: "twice" } })).toEqual({
        revokeActAsGrant: { grant },
      });
      expect(await ofGrant(grantId)).toEqual(ends("grant_ended"));
      const { tenant } = await ask<{ tenant: { actAsGrants: { nodes: { id: string }[] } } }>(
        known.owner,
        `query ($id: ID!) { tenant(id: $id) { actAsGrants(first: 100) { nodes { id status scopes reason } } } }`,
        { id: known.clientId },
      );
      expect(tenant.actAsGrants.nodes.find(({ id }) => id === grantId)).toEqual({
        id: grantId,
        status: "REVOKED",
        scopes: ["badge:read"],
        reason: "her badge",
      });
    });

    it("is ended by its own staff person and by a platform admin, not by a colleague", async () => {
      const seeded = await world.service.identity.seedPerson({
        tenantId: known.admin.tenantId,
        name: "Olga",
        email: "olga@bsp.example",
        roles: ["onboarding_agent"],
      });
      const home = { tenantId: known.admin.tenantId, ancestorIds: [], staff: true, livemode: true };
      const olga = ticking(world.call({ ...home, personId: seeded.id, roles: ["onboarding_agent"] }));
      const first = await granted();
      expect(await refusalOf(olga, revoke, { input: { grantId: first.grantId, reason: "x" } })).toMatchObject({
        reason: "act_as_grant_not_found",
      });
      await ask(known.admin, revoke, { input: { grantId: first.grantId, reason: "done" } });
      expect(await ofGrant(first.grantId)).toEqual(ends("grant_ended"));
      const { actFor } = await ask<{ actFor: { grantId: string } }>(olga, act, {
        input: { tenantId: known.clientId, reason: "a look", minutes: 5 },
      });
      expect(await ofGrant(actFor.grantId)).toMatchObject({ good: true });
      await ask(known.admin, revoke, { input: { grantId: actFor.grantId, reason: "she left" } });
      expect(await ofGrant(actFor.grantId)).toEqual(ends("grant_ended"));
    });

    it("does not lead to another one, to keys, or to the end of somebody's access", async () => {
      const { grantId } = await granted({ scopes: undefined });
      const answer = await ofGrant(grantId);
      const words: readonly string[] = answer.good ? answer.permissions : [];
      expect(words).toContain("template:read");
      for (const word of ["tenant:act-for", "key:write", "key:revoke", "grant:revoke", "person:invite"]) {
        expect(words).not.toContain(word);
        const input = { tenantId: known.clientId, reason: "x", minutes: 5, scopes: [word] };
        expect(await refusalOf(known.admin, act, { input })).toMatchObject({ reason: "scope_not_held" });
      }
    });
  });
});
