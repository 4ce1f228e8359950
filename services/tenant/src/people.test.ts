import { retentionEnded } from "@greentick/contracts";
import { type Call, type Role } from "@greentick/kernel";
import { anEvent } from "@greentick/testing";
import { goodPassword, otherPassword, peopleWorld, sources } from "./test-support.js";

describe("people of a tenant", () => {
  const { world, ada, provider, visitor, ask, must, newClient, invited, joined, mailedToken } = peopleWorld();

  const byId = (verb: string, kind = "PersonIdInput"): string =>
    `mutation ($input: ${kind}!) { ${verb}(input: $input) { person { personId roles standing } } }`;
  const changeRoles = byId("changeRoles", "ChangeRolesInput");
  const ownerOf = async (name: string, email: string): Promise<Call> => {
    const tenantId = await newClient(name);
    const personId = await joined({ email, roles: ["owner"], tenantId });
    return world.call({ tenantId, ancestorIds: [provider()], personId, roles: ["owner"] });
  };

  describe("inviting", () => {
    it("lets staff bring the first owner into a client, who then signs in with a password of her own", async () => {
      const tenantId = await newClient("Casa Lumen");
      const token = await invited({ email: "olga@casa.example", roles: ["owner"], tenantId });
      const accepted = await must(visitor(), sources.accept, { token, name: "Olga Owner", password: goodPassword });
      expect(accepted).toMatchObject({ tenantId, tenantName: "Casa Lumen" });
      const { signedIn } = await must(visitor(), sources.signIn, {
        email: "OLGA@casa.example ",
        password: goodPassword,
      });
      expect(signedIn).toMatchObject({
        session: { tenantId },
        memberships: [{ tenantName: "Casa Lumen", roles: ["OWNER"] }],
      });
      const seen = await must(ada(), sources.people, { tenantId });
      expect(seen).toMatchObject({ totalCount: 1, nodes: [{ name: "Olga Owner", standing: "ACTIVE" }] });
    });

    it("takes a link once, however many use it at the same moment", async () => {
      const tenantId = await newClient("Once");
      const token = await invited({ email: "once@casa.example", roles: ["owner"], tenantId });
      const tries = await Promise.all(
        [1, 2, 3].map(() => ask(visitor(), sources.accept, { token, password: goodPassword })),
      );
      expect(tries.filter(({ refusal }) => refusal === undefined)).toHaveLength(1);
      const reasons = tries.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.reason]));
      expect(["link_not_good", "wrong_credentials"]).toEqual(expect.arrayContaining(reasons));
      const again = await ask(visitor(), sources.accept, { token, password: goodPassword });
      expect(again.refusal).toMatchObject({ code: "NOT_FOUND", reason: "link_not_good" });
    });

    it("says the same of a link that was changed, replaced, withdrawn or never made", async () => {
      const tenantId = await newClient("Links");
      const first = await invited({ email: "links@casa.example", roles: ["owner"], tenantId });
      const id = first.split(".")[0] ?? "";
      const resend = `mutation ($input: InvitationIdInput!) { resendInvitation(input: $input) { invitation { status } } }`;
      await must(ada(), resend, { invitationId: id });
      await world.settle();
      const second = mailedToken("links@casa.example");
      expect(second).not.toBe(first);
      const refused = async (token: string): Promise<unknown> =>
        (await ask(visitor(), sources.accept, { token, password: goodPassword })).refusal;
      const never = await refused("ivt_00000000000000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAA");
      expect(await refused(first)).toEqual(never);
      expect(await refused(`${second}x`)).toEqual(never);
      expect(await refused("{}")).toEqual(never);
      const withdraw = `mutation ($input: InvitationIdInput!) { withdrawInvitation(input: $input) { invitation { status } } }`;
      expect(await must(ada(), withdraw, { invitationId: id })).toMatchObject({ invitation: { status: "WITHDRAWN" } });
      expect(await refused(second)).toEqual(never);
      expect((await ask(ada(), resend, { invitationId: id })).refusal).toMatchObject({ reason: "invitation_not_open" });
    });

    it("invites once for one idempotency key", async () => {
      const input = { email: "key@bsp.example", name: "Kay", roles: ["AUDITOR"], idempotencyKey: "invite-kay" };
      const first = await must(ada(), sources.invite, input);
      expect(await must(ada(), sources.invite, input)).toEqual(first);
      const other = await ask(ada(), sources.invite, { ...input, name: "Kai" });
      expect(other.refusal).toMatchObject({ code: "CONFLICT", reason: "idempotency_mismatch" });
    });

    it("refuses who is here already, roles of the other side, and bad addresses", async () => {
      const tenantId = await newClient("Refusing");
      const invite = async (input: Record<string, unknown>): Promise<unknown> =>
        (await ask(ada(), sources.invite, { email: "x@y.example", name: "X", roles: ["OWNER"], tenantId, ...input }))
          .refusal;
      expect(await invite({ roles: ["PLATFORM_ADMIN"] })).toMatchObject({ reason: "roles_not_allowed" });
      expect(await invite({ roles: [] })).toMatchObject({ reason: "roles_not_allowed" });
      expect(await invite({ email: "nobody" })).toMatchObject({ reason: "invalid_input" });
      expect(await invite({ tenantId: "ten_unknown" })).toMatchObject({ reason: "tenant_not_found" });
      await joined({ email: "there@casa.example", roles: ["owner"], tenantId });
      expect(await invite({ email: "There@casa.example" })).toMatchObject({ reason: "already_in_tenant" });
    });

    describe("by an onboarding agent", () => {
      const agentOf = async (email: string): Promise<Call> => {
        const personId = await joined({ email, roles: ["onboarding_agent"] });
        return world.call({
          tenantId: provider(),
          ancestorIds: [],
          staff: true,
          personId,
          roles: ["onboarding_agent"],
        });
      };
      const refusedTo = async (agent: Call, input: Record<string, unknown>): Promise<unknown> =>
        (await ask(agent, sources.invite, { name: "First", roles: ["OWNER"], ...input })).refusal;

      it("brings in the first owner of a client, and nobody once there is one", async () => {
        const agent = await agentOf("first-agent@bsp.example");
        const tenantId = await newClient("By an agent");
        const [token, late] = [
          await invited({ email: "olga@agent.example", roles: ["owner"], tenantId }, agent),
          await invited({ email: "late@agent.example", roles: ["owner"], tenantId }, agent),
        ];
        await must(visitor(), sources.accept, { token, password: goodPassword });
        const onlyFirst = { code: "FORBIDDEN", reason: "first_person_only" };
        expect(await refusedTo(agent, { email: "second@agent.example", tenantId })).toMatchObject(onlyFirst);
        const second = await ask(visitor(), sources.accept, { token: late, password: goodPassword });
        expect(second.refusal).toMatchObject({ reason: "link_not_good" });
        const resend = `mutation ($input: InvitationIdInput!) { resendInvitation(input: $input) { invitation { id } } }`;
        const again = await ask(agent, resend, { invitationId: late.split(".")[0] });
        expect(again.refusal).toMatchObject(onlyFirst);
      });

      it("gives no other role, and nothing to the agent", async () => {
        const agent = await agentOf("self@bsp.example");
        const tenantId = await newClient("Not mine");
        expect(await refusedTo(agent, { email: "dev@agent.example", roles: ["DEVELOPER"], tenantId })).toMatchObject({
          reason: "first_person_only",
        });
        expect(await refusedTo(agent, { email: "Self@bsp.example", tenantId })).toMatchObject({
          code: "FORBIDDEN",
          reason: "not_oneself",
        });
      });
    });

    it("is void once whoever sent the link belongs no more, until somebody else sends it again", async () => {
      const owner = await ownerOf("Void", "owner@void.example");
      const personId = await joined({ email: "second@void.example", roles: ["owner"], tenantId: owner.tenantId });
      const second = world.call({ tenantId: owner.tenantId, ancestorIds: [provider()], personId, roles: ["owner"] });
      const token = await invited({ email: "friend@void.example", roles: ["owner"] }, second);
      await must(owner, byId("removeFromTenant"), { personId });
      const accept = async (link: string): Promise<unknown> =>
        (await ask(visitor(), sources.accept, { token: link, password: goodPassword })).refusal;
      expect(await accept(token)).toMatchObject({ code: "NOT_FOUND", reason: "link_not_good" });
      const resend = `mutation ($input: InvitationIdInput!) { resendInvitation(input: $input) { invitation { id } } }`;
      await must(owner, resend, { invitationId: token.split(".")[0] });
      await world.settle();
      expect(await accept(mailedToken("friend@void.example"))).toBeUndefined();
    });

    it("replaces an open invitation of the same address", async () => {
      const tenantId = await newClient("Replaced");
      const email = "replaced@casa.example";
      const first = await invited({ email, roles: ["owner"], tenantId });
      const second = await invited({ email, roles: ["developer"], tenantId });
      const old = await ask(visitor(), sources.accept, { token: first, password: goodPassword });
      expect(old.refusal).toMatchObject({ reason: "link_not_good" });
      const open = `query ($tenantId: ID) { invitations(tenantId: $tenantId, status: OPEN) { totalCount } }`;
      expect(await must(ada(), open, { tenantId })).toEqual({ totalCount: 1 });
      await must(visitor(), sources.accept, { token: second, password: goodPassword });
      expect(await must(ada(), sources.people, { tenantId })).toMatchObject({ nodes: [{ roles: ["DEVELOPER"] }] });
    });

    it("waits while the tenant is suspended", async () => {
      const tenantId = await newClient("Suspended");
      const token = await invited({ email: "waits@casa.example", roles: ["owner"], tenantId });
      const move = (verb: string): Promise<unknown> =>
        must(ada(), `mutation ($input: TenantStatusInput!) { ${verb}(input: $input) { tenant { id } } }`, {
          tenantId,
          reason: "Unpaid",
        });
      await move("activateTenant");
      await move("suspendTenant");
      const waiting = await ask(visitor(), sources.accept, { token, password: goodPassword });
      expect(waiting.refusal).toMatchObject({ code: "FORBIDDEN", reason: "tenant_suspended" });
      await move("resumeTenant");
      await must(visitor(), sources.accept, { token, password: goodPassword });
    });

    it("lets an onboarding agent invite into clients only", async () => {
      const agent = world.call({ tenantId: provider(), ancestorIds: [], staff: true, roles: ["onboarding_agent"] });
      const tenantId = await newClient("By agent");
      const input = { email: "first@agent.example", name: "First", roles: ["OWNER"] };
      expect((await ask(agent, sources.invite, { ...input, tenantId })).refusal).toBeUndefined();
      const own = await ask(agent, sources.invite, { ...input, roles: ["AUDITOR"] });
      expect(own.refusal).toMatchObject({ code: "FORBIDDEN", reason: "invite_below_only" });
    });
  });

  describe("who belongs", () => {
    it("is found by role, standing and part of a name or address, page by page", async () => {
      const owner = await ownerOf("Many", "owner@many.example");
      for (const name of ["dev-one", "dev-two"]) {
        const token = await invited({ email: `${name}@many.example`, roles: ["developer"], name }, owner);
        await must(visitor(), sources.accept, { token, password: goodPassword });
      }
      const list = (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
        must(owner, sources.people, input);
      expect(await list({})).toMatchObject({ totalCount: 3 });
      expect(await list({ role: "DEVELOPER" })).toMatchObject({ nodes: [{ name: "dev-two" }, { name: "dev-one" }] });
      expect(await list({ text: "TWO@" })).toMatchObject({ totalCount: 1, nodes: [{ name: "dev-two" }] });
      expect(await list({ standing: "REMOVED" })).toMatchObject({ totalCount: 0 });
      const page = `query ($after: String) { people(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }`;
      const first = await must(owner, page, {});
      const { endCursor } = first["pageInfo"] as { endCursor: string };
      expect(await must(owner, page, { after: endCursor })).toMatchObject({
        nodes: [{ name: "Nia New" }],
        pageInfo: { hasNextPage: false },
      });
    });

    it("is not shown to another tenant, nor changed by it", async () => {
      const [a, b] = [await ownerOf("A", "a@a.example"), await ownerOf("B", "b@b.example")];
      const ofB = b.actor.id;
      const answers = async (personId: string): Promise<unknown> => [
        (await ask(a, changeRoles, { personId, roles: ["OWNER"] })).refusal?.reason,
        (await ask(a, byId("removeFromTenant"), { personId })).refusal?.reason,
        (await ask(a, byId("deactivatePerson"), { personId })).refusal?.reason,
      ];
      expect(await answers(ofB)).toEqual(await answers("per_01UNKN0WN00000000000000000"));
      expect((await ask(a, sources.people, { tenantId: b.tenantId })).refusal).toMatchObject({
        reason: "tenant_not_found",
      });
    });

    it("keeps its last active owner, also when two are taken at once", async () => {
      const owner = await ownerOf("Last", "last@last.example");
      const second = await joined({ email: "second@last.example", roles: ["owner"], tenantId: owner.tenantId });
      const taken = await Promise.all([
        ask(owner, byId("removeFromTenant"), { personId: owner.actor.id }),
        ask(owner, byId("deactivatePerson"), { personId: second }),
        ask(owner, changeRoles, { personId: second, roles: ["DEVELOPER"] }),
      ]);
      expect(taken.some(({ refusal }) => refusal?.reason === "last_admin_stays")).toBe(true);
      const { nodes } = await must(owner, sources.people, { role: "OWNER", standing: "ACTIVE" });
      expect(nodes).toHaveLength(1);
    });

    it("loses roles and sessions when deactivated or removed, and gets them back only when reactivated or invited again", async () => {
      const owner = await ownerOf("Leaving", "owner@leaving.example");
      const email = "leaver@leaving.example";
      const personId = await joined({ email, roles: ["developer"], tenantId: owner.tenantId });
      const signIn = (): ReturnType<typeof ask> => ask(visitor(), sources.signIn, { email, password: goodPassword });
      const refreshOf = async (): Promise<string> => {
        const { signedIn } = (await signIn()).data["signIn"] as { signedIn: { refreshToken: string } };
        return signedIn.refreshToken;
      };
      const refreshToken = await refreshOf();
      await must(owner, byId("deactivatePerson"), { personId });
      await world.settle();
      expect((await ask(visitor(), sources.refresh, { refreshToken })).refusal).toMatchObject({
        reason: "session_over",
      });
      expect((await signIn()).refusal).toMatchObject({ reason: "no_role_in_tenant" });
      await must(owner, byId("reactivatePerson"), { personId });
      await refreshOf();
      expect(await must(owner, byId("removeFromTenant"), { personId })).toMatchObject({
        person: { standing: "REMOVED", roles: [] },
      });
      expect((await ask(owner, byId("reactivatePerson"), { personId })).refusal).toMatchObject({
        reason: "person_removed",
      });
      const token = await invited({ email, roles: ["billing_viewer"] }, owner);
      expect(await must(visitor(), sources.accept, { token, password: goodPassword })).toMatchObject({ personId });
      expect((await signIn()).data["signIn"]).toMatchObject({
        signedIn: { memberships: [{ roles: ["BILLING_VIEWER"] }] },
      });
    });

    it("shows every change in the trail, without addresses and links", async () => {
      const owner = await ownerOf("Trail", "owner@trail.example");
      const personId = await joined({ email: "traced@trail.example", roles: ["developer"], tenantId: owner.tenantId });
      await must(owner, changeRoles, { personId, roles: ["DEVELOPER", "BILLING_VIEWER"] });
      await world.settle();
      const source = `query { auditTrail(first: 100) { nodes { action facts { name value } } } }`;
      const { nodes } = await must(owner, source);
      const actions = (nodes as { action: string }[]).map(({ action }) => action);
      for (const action of [
        "tenant.person_invited",
        "tenant.invitation_accepted",
        "tenant.person_added",
        "tenant.person_roles_changed",
      ])
        expect(actions).toContain(action);
      expect(JSON.stringify(nodes)).not.toMatch(/traced@|token=/);
    });
  });

  describe("one person in several tenants", () => {
    it("joins with the account she has, by its password, and switches between them", async () => {
      const first = await ownerOf("First", "both@casa.example");
      const tenantId = await newClient("Second");
      const token = await invited({ email: "both@casa.example", roles: ["developer"], tenantId });
      const wrong = await ask(visitor(), sources.accept, { token, password: otherPassword });
      expect(wrong.refusal).toMatchObject({ reason: "wrong_credentials" });
      expect(await must(visitor(), sources.accept, { token, password: goodPassword })).toMatchObject({
        personId: first.actor.id,
      });
      const { signedIn } = await must(visitor(), sources.signIn, {
        email: "both@casa.example",
        password: goodPassword,
      });
      const { session, memberships } = signedIn as { session: { id: string; tenantId: string }; memberships: object[] };
      expect(session.tenantId).toBe(first.tenantId);
      expect(memberships).toHaveLength(2);
      const switching = `mutation ($input: SwitchTenantInput!) { switchTenant(input: $input) { signedIn { accessToken session { tenantId } } } }`;
      const asked = { ...first, sessionId: session.id };
      const switched = await must(asked, switching, { tenantId });
      expect(switched).toMatchObject({ signedIn: { session: { tenantId } } });
      const elsewhere = await ask(asked, switching, { tenantId: await newClient("Third") });
      expect(elsewhere.refusal).toMatchObject({ code: "NOT_FOUND", reason: "tenant_not_found" });
      const withoutSession = await ask(first, switching, { tenantId });
      expect(withoutSession.refusal).toMatchObject({ reason: "session_required" });
    });
  });

  it("goes with the retention of a closed tenant, except who works elsewhere too", async () => {
    const owner = await ownerOf("Closing", "owner@closing.example");
    const stays = await joined({ email: "stays@closing.example", roles: ["developer"], tenantId: owner.tenantId });
    const elsewhere = await newClient("Elsewhere");
    const token = await invited({ email: "stays@closing.example", roles: ["developer"], tenantId: elsewhere });
    await must(visitor(), sources.accept, { token, password: goodPassword });
    await must(visitor(), sources.signIn, { email: "owner@closing.example", password: goodPassword });
    await world.settle();
    const at = world.outside.clocks.system();
    const over = { tenantId: owner.tenantId, kind: "people" as const, at };
    await world.given(anEvent(owner, retentionEnded, over), anEvent(owner, retentionEnded, over));
    const { db } = world.outside.database;
    for (const name of ["rosters", "sessions", "invitations"])
      expect(await db.collection(name).countDocuments({ tenantId: owner.tenantId })).toBe(0);
    for (const name of ["people", "accounts"]) {
      const left = await db.collection<{ _id: string }>(name).find({ tenantId: owner.tenantId }).toArray();
      expect(left.map(({ _id }) => _id)).toEqual([stays]);
    }
    const back = await must(visitor(), sources.signIn, { email: "stays@closing.example", password: goodPassword });
    expect(back).toMatchObject({ signedIn: { session: { tenantId: elsewhere } } });
  });

  it("asks for the permission: a developer reads nobody and invites nobody", async () => {
    const owner = await ownerOf("Roles", "owner@roles.example");
    const developer: Call = world.call({
      tenantId: owner.tenantId,
      ancestorIds: [provider()],
      roles: ["developer"] satisfies Role[],
    });
    expect((await ask(developer, sources.people, {})).refusal).toMatchObject({ reason: "permission_missing" });
    const input = { email: "x@roles.example", name: "X", roles: ["OWNER"] };
    expect((await ask(developer, sources.invite, input)).refusal).toMatchObject({ reason: "permission_missing" });
  });
});
