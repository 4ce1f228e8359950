import { tenantErased } from "@greentick/contracts";
import { type Call, type PersonId, type TenantId } from "@greentick/kernel";
import { anEvent } from "@greentick/testing";
import { accessWorld, details, ends } from "./fixtures/access-world.js";

describe("the standing of a credential", () => {
  const { world, clock, known, client, memberOf, ask, move, created, ofKey, ofPerson } = accessWorld("standing");

  describe("of a person", () => {
    it("is what the roles hold now", async () => {
      const developer = await memberOf(known.clientId, "developer");
      expect(await ofPerson(developer)).toEqual({
        good: true,
        tenantStanding: "open",
        permissions: [...developer.permissions],
      });
    });

    it("is nothing for somebody who holds no role there", async () => {
      expect(await ofPerson({ ...known.owner, tenantId: await client() })).toEqual(ends("access_withdrawn"));
      expect(await ofPerson({ ...known.owner, actor: { kind: "member", id: "per_unknown" } })).toEqual(
        ends("access_withdrawn"),
      );
      expect(await ofPerson({ ...known.owner, tenantId: "ten_unknown" as TenantId })).toEqual(ends("access_withdrawn"));
    });
  });

  describe("in a tenant that is not open", () => {
    it("is suspended with its tenant, and open again with it", async () => {
      const tenantId = await client();
      const member = await memberOf(tenantId, "owner");
      const { secret } = await created({}, member);
      await move("suspend", tenantId);
      expect(await ofPerson(member)).toMatchObject({ good: true, tenantStanding: "suspended" });
      expect(await ofKey(secret)).toMatchObject({ good: true, tenantStanding: "suspended" });
      expect(await ofPerson(known.admin)).toMatchObject({ tenantStanding: "open" });
      await move("resume", tenantId);
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "open" });
    });

    it("is suspended with the reseller above", async () => {
      const reseller = await client({ kind: "RESELLER" });
      const seller = await memberOf(reseller, "onboarding_agent");
      const sellerCall = { ...seller, staff: true };
      const source = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
      const { createTenant } = await ask<{ createTenant: { tenant: { id: TenantId } } }>(sellerCall, source, {
        input: { ...details, name: "Below" },
      });
      const member = await memberOf(createTenant.tenant.id, "owner");
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "open" });
      await move("suspend", reseller);
      expect(await ofPerson(member)).toMatchObject({ tenantStanding: "suspended" });
      expect(await ofPerson(seller)).toMatchObject({ tenantStanding: "suspended" });
    });

    it("is reading for the owner of a closed one, and nothing for everybody else", async () => {
      const tenantId = await client();
      const [boss, developer] = [await memberOf(tenantId, "owner"), await memberOf(tenantId, "developer")];
      const { secret } = await created({}, boss);
      await move("close", tenantId);
      expect(await ofPerson(boss)).toMatchObject({ good: true, tenantStanding: "closed" });
      expect(await ofPerson(developer)).toEqual(ends("tenant_closed"));
      expect(await ofKey(secret)).toEqual(ends("tenant_closed"));
      const issued = (call: Call): Promise<unknown> =>
        world.service.identity.issueToken({ personId: call.actor.id as PersonId, tenantId });
      await expect(issued(developer)).rejects.toMatchObject({ reason: "tenant_closed" });
      await expect(issued(boss)).resolves.toMatchObject({ token: expect.any(String) as string });
    });
  });

  it("leaves nothing of keys and grants behind when a tenant's data is erased, and touches no other's", async () => {
    const tenantId = await client();
    const [boss, neighbour] = [await memberOf(tenantId, "owner"), await created()];
    const { secret } = await created({}, boss);
    await ofKey(secret);
    await world.given(anEvent(boss, tenantErased, { tenantId, at: clock.now }));
    for (const name of ["api_keys", "api_key_uses", "act_as_grants"])
      expect(await world.outside.database.db.collection(name).countDocuments({ tenantId })).toBe(0);
    expect(await ofKey(secret)).toEqual(ends("api_key_unknown"));
    expect(await ofKey(neighbour.secret)).toMatchObject({ good: true });
  });
});
