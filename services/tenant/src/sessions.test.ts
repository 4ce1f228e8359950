import { type Call, type TenantId } from "@greentick/kernel";
import { goodPassword, peopleWorld, roundInstant, sources } from "./test-support.js";

const dayMs = 86_400_000;
const switching = `mutation ($input: SwitchTenantInput!) { switchTenant(input: $input) { signedIn { refreshToken session { id tenantId personId startedAt expiresAt } memberships { tenantId roles } } } }`;
const revokeAll = `mutation ($input: RevokeAllSessionsInput!) { revokeAllSessions(input: $input) { ended } }`;
const close = `mutation ($input: TenantStatusInput!) { closeTenant(input: $input) { tenant { status } } }`;

interface SignedIn {
  readonly refreshToken: string;
  readonly session: { readonly id: string; readonly tenantId: string; readonly expiresAt?: string };
  readonly memberships: readonly { readonly tenantId: string }[];
}

describe("a session", () => {
  const { world, ada, provider, visitor, ask, must, newClient, invited, joined, callOf } = peopleWorld({
    STAFF_SECOND_FACTOR: "optional",
  });
  const now = roundInstant(60_000);
  const later = (ms: number): Date => new Date(now.getTime() + ms);
  let source = 0;
  const from = (at: Date): Call => visitor({ ip: `198.51.100.${++source % 250}`, at });
  const signIn = async (email: string, at = now, more: object = {}): Promise<SignedIn> =>
    (await must(from(at), sources.signIn, { email, password: goodPassword, ...more }))["signedIn"] as SignedIn;
  const refused = async (email: string, more: object = {}): Promise<unknown> =>
    (await ask(from(now), sources.signIn, { email, password: goodPassword, ...more })).refusal?.reason;
  const callAt = (tokens: SignedIn, at: Date): Call => ({ ...callOf({ ...tokens }), systemNow: () => at });
  const refresh = async (tokens: SignedIn, at = now): Promise<SignedIn> =>
    (await must(from(at), sources.refresh, { refreshToken: tokens.refreshToken }))["signedIn"] as SignedIn;
  const refreshRefusal = async ({ refreshToken }: SignedIn, at = now): Promise<unknown> =>
    (await ask(from(at), sources.refresh, { refreshToken })).refusal?.reason;
  const whyEnded = async ({ session: { id } }: SignedIn): Promise<unknown> => {
    const rows = world.outside.database.db.collection<{ _id: string; state: { endedBecause?: string } }>("sessions");
    return (await rows.findOne({ _id: id }))?.state.endedBecause;
  };
  /** Joins with the account that the address has. */
  const joinedAlso = async (email: string, tenantId?: TenantId): Promise<void> => {
    const roles = [tenantId === undefined ? "auditor" : "owner"] as const;
    const token = await invited({ email, roles: [...roles], ...(tenantId && { tenantId }) });
    await must(visitor(), sources.accept, { token, password: goodPassword });
  };
  /** An owner of two clients. */
  const ofTwo = async (email: string): Promise<{ readonly home: TenantId; readonly away: TenantId }> => {
    const [home, away] = [await newClient(`Home of ${email}`), await newClient(`Away of ${email}`)];
    await joined({ email, roles: ["owner"], tenantId: home });
    await joinedAlso(email, away);
    return { home, away };
  };
  const switched = async (tokens: SignedIn, tenantId: string, at: Date): Promise<SignedIn> =>
    (await must(callAt(tokens, at), switching, { tenantId }))["signedIn"] as SignedIn;
  const switchRefusal = async (tokens: SignedIn, tenantId: string, at: Date): Promise<unknown> =>
    (await ask(callAt(tokens, at), switching, { tenantId })).refusal;

  describe("in another tenant", () => {
    it("ends when a sign-in of the same moment would have, however often one switches", async () => {
      const { home, away } = await ofTwo("switching@casa.example");
      const first = await signIn("switching@casa.example");
      const second = await switched(first, away, later(20 * dayMs));
      expect(second.session.expiresAt).toBe(later(30 * dayMs).toISOString());
      const third = await switched(second, home, later(29 * dayMs));
      expect(third.session.expiresAt).toBe(later(30 * dayMs).toISOString());
      expect(await refreshRefusal(third, later(30 * dayMs))).toBe("session_over");
    });

    it("is none in the tenant in which it is already", async () => {
      const { home } = await ofTwo("staying@casa.example");
      expect(await switchRefusal(await signIn("staying@casa.example"), home, now)).toMatchObject({
        code: "CONFLICT",
        reason: "in_tenant_already",
      });
    });

    it("of staff is not opened by a proof older than staff may live on, and lives on from that proof", async () => {
      const email = "both@casa.example";
      await joined({ email, roles: ["owner"], tenantId: await newClient("Both sides") });
      await joinedAlso(email);
      const member = await signIn(email);
      const staff = await switched(member, provider(), later(dayMs / 2));
      expect(staff.session.expiresAt).toBe(later(dayMs).toISOString());
      expect(await switchRefusal(member, provider(), later(dayMs))).toMatchObject({
        code: "FORBIDDEN",
        reason: "sign_in_too_old",
      });
    });
  });

  describe("in a closed tenant", () => {
    it("is its owner's alone, who signs in and refreshes, to read", async () => {
      const tenantId = await newClient("Leaving");
      await joined({ email: "boss@leaving.example", roles: ["owner"], tenantId });
      await joined({ email: "dev@leaving.example", roles: ["developer"], tenantId });
      const [boss, developer] = [await signIn("boss@leaving.example"), await signIn("dev@leaving.example")];
      await must(ada(), close, { tenantId, reason: "It leaves" });
      expect((await refresh(boss)).session.id).toBe(boss.session.id);
      expect((await signIn("boss@leaving.example")).session.tenantId).toBe(tenantId);
      expect(await refused("dev@leaving.example")).toBe("no_role_in_tenant");
      expect(await refreshRefusal(developer)).toBe("session_over");
      expect(await whyEnded(developer)).toBe("tenant_closed");
    });

    it("is not where somebody lands who works elsewhere too", async () => {
      const { home, away } = await ofTwo("moving@casa.example");
      await must(ada(), close, { tenantId: home, reason: "It leaves" });
      const tokens = await signIn("moving@casa.example");
      expect(tokens.session.tenantId).toBe(away);
      expect(tokens.memberships.map(({ tenantId }) => tenantId)).toEqual([away, home]);
      expect((await refresh(tokens)).session.id).toBe(tokens.session.id);
      expect((await signIn("moving@casa.example", now, { tenantId: home })).session.tenantId).toBe(home);
    });
  });

  it("makes room for a fifty-first: of the others the one used longest ago ends, and says why", async () => {
    const email = "many@casa.example";
    await joined({ email, roles: ["owner"], tenantId: await newClient("Many") });
    const tokens: SignedIn[] = [];
    for (let at = 0; at < 50; at++) tokens.push(await signIn(email, later(at * 1_000)));
    const [first, second, third] = tokens as [SignedIn, SignedIn, SignedIn];
    const used = await refresh(first, later(60_000));
    await signIn(email, later(61_000));
    expect(await whyEnded(second)).toBe("too_many_sessions");
    expect(await refreshRefusal(second, later(62_000))).toBe("session_over");
    await refresh(used, later(62_000));
    await refresh(third, later(62_000));
    const open = { "state.endedAt": null, "state.personId": callOf({ ...first }).actor.id };
    expect(await world.outside.database.db.collection("sessions").countDocuments(open)).toBe(50);
  });

  it("that is past its time has ended by that, whatever ends all others afterwards", async () => {
    const email = "old@casa.example";
    await joined({ email, roles: ["owner"], tenantId: await newClient("Old") });
    const old = await signIn(email);
    const fresh = await signIn(email, later(31 * dayMs));
    expect(await must(callAt(fresh, later(31 * dayMs)), revokeAll, {})).toEqual({ ended: 1 });
    expect([await whyEnded(old), await whyEnded(fresh)]).toEqual([undefined, "revoked"]);
  });

  it("is removed from the store ninety days after its time", async () => {
    const indexes = await world.outside.database.db.collection("sessions").indexes();
    expect(indexes).toContainEqual(
      expect.objectContaining({ key: { "state.expiresAt": 1 }, expireAfterSeconds: 90 * 86_400 }),
    );
  });
});
