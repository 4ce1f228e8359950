import {
  AppError,
  type Permission,
  permissionsOf,
  type PersonId,
  readsOnly,
  roles,
  staffRoles,
  type TenantId,
} from "@greentick/kernel";
import fc from "fast-check";
import { grantActAs, grantStatus, revokeGrant } from "./grant.js";
import { addPerson } from "./person.js";
import { changeStatus, openProvider, openTenant, rename, type Tenant, tenantVerbs } from "./tenant.js";
import { actAsClaims, ownClaims } from "./token.js";

const now = new Date("2026-10-01T12:00:00Z");
const details = {
  name: "Casa Lumen",
  legalName: "Casa Lumen S.A.S.",
  country: "CO",
  currency: "USD",
  timeZone: "America/Bogota",
};
const id = (letter: string): TenantId => `ten_${letter.repeat(26)}` as TenantId;
const provider = openProvider({ ...details, id: id("0"), name: "BSP", livemode: true }, now);
const client = openTenant(provider, { ...details, id: id("1"), kind: "client", livemode: true }, now);
const why = { reason: "asked by the client", now };

/** What a rule refuses with; undefined when it does not. */
function refusalOf(rule: () => unknown): AppError | undefined {
  try {
    rule();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

const anyVerb = fc.constantFrom(...tenantVerbs);
function tried(tenant: Tenant, verb: (typeof tenantVerbs)[number]): Tenant {
  try {
    return changeStatus(tenant, verb, why);
  } catch {
    return tenant;
  }
}

describe("a tenant's status", () => {
  it("never leaves closed, whatever is tried", () => {
    fc.assert(
      fc.property(fc.array(anyVerb, { maxLength: 12 }), (verbs) => {
        const closed = changeStatus(client, "close", why);
        expect(verbs.reduce(tried, closed)).toEqual(closed);
      }),
    );
  });

  it("says why and since when after every move, and remembers where to resume only while suspended", () => {
    fc.assert(
      fc.property(fc.array(anyVerb, { maxLength: 12 }), (verbs) => {
        const after = verbs.reduce(tried, client);
        expect(after.statusReason).not.toBe("");
        expect(after.resumesTo !== undefined).toBe(after.status === "suspended");
      }),
    );
  });

  it("returns from a suspension to where it was", () => {
    for (const verb of ["start_onboarding", "activate"] as const) {
      const before = changeStatus(client, verb, why);
      const back = changeStatus(changeStatus(before, "suspend", why), "resume", why);
      expect(back.status).toBe(before.status);
    }
  });

  it("names the status and the attempt when a move is not possible", () => {
    expect(refusalOf(() => changeStatus(client, "resume", why))).toMatchObject({
      code: "CONFLICT",
      reason: "tenant_transition_not_allowed",
    });
  });

  it("keeps the provider from being suspended or closed", () => {
    expect(refusalOf(() => changeStatus(provider, "suspend", why))).toMatchObject({ reason: "provider_stays" });
    expect(refusalOf(() => changeStatus(provider, "close", why))).toMatchObject({ reason: "provider_stays" });
  });

  it("asks for a reason", () => {
    expect(refusalOf(() => changeStatus(client, "activate", { reason: "  ", now }))).toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("a new tenant", () => {
  it("carries the whole way up to the root", () => {
    const reseller = openTenant(provider, { ...details, id: id("2"), kind: "reseller", livemode: true }, now);
    const below = openTenant(reseller, { ...details, id: id("3"), kind: "client", livemode: true }, now);
    expect(below).toMatchObject({ parentId: reseller.id, ancestorIds: [reseller.id, provider.id], status: "prospect" });
  });

  it("is refused below a client, and live below a sandbox", () => {
    const wanted = { ...details, id: id("4"), kind: "client", livemode: true } as const;
    expect(refusalOf(() => openTenant(client, wanted, now))).toMatchObject({ reason: "tenant_kind_not_allowed" });
    const sandbox = { ...provider, livemode: false };
    expect(refusalOf(() => openTenant(sandbox, wanted, now))).toMatchObject({ reason: "live_under_sandbox" });
  });

  it.each([
    ["name", { name: " " }],
    ["country", { country: "Colombia" }],
    ["currency", { currency: "usd" }],
    ["timeZone", { timeZone: "Bogota" }],
  ])("names the field that is wrong: %s", (field, wrong) => {
    const wanted = { ...details, ...wrong, id: id("5"), kind: "client", livemode: true } as const;
    expect(refusalOf(() => openTenant(provider, wanted, now))).toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field },
    });
  });

  it("keeps its other details when it is renamed, and a closed one keeps its name", () => {
    expect(rename(client, { name: "Lumen" })).toEqual({ ...client, name: "Lumen" });
    expect(refusalOf(() => rename(changeStatus(client, "close", why), { name: "x" }))).toMatchObject({
      reason: "tenant_closed",
    });
  });
});

const personId = `per_${"0".repeat(26)}` as PersonId;
const staffOf = (tenant: Tenant): ReturnType<typeof addPerson> =>
  addPerson(tenant, { id: personId, name: "Ana", email: "Ana@BSP.example", roles: ["onboarding_agent"] });

describe("people and their tokens", () => {
  it("gives staff roles only in the provider and resellers, member roles only in clients", () => {
    for (const role of roles)
      for (const tenant of [provider, client]) {
        const fits = role !== "service" && staffRoles.includes(role) === (tenant.kind !== "client");
        const refusal = refusalOf(() =>
          addPerson(tenant, { id: personId, name: "Ana", email: "a@b.example", roles: [role] }),
        );
        expect(refusal?.reason).toBe(fits ? undefined : "roles_not_allowed");
      }
  });

  it("gives no token without a role in the tenant, in a closed tenant, or for more than a day", () => {
    const life = { now, ttlSeconds: 900 };
    expect(refusalOf(() => ownClaims(staffOf(provider), client, life))).toMatchObject({ reason: "no_role_in_tenant" });
    const owner = addPerson(client, { id: personId, name: "Eva", email: "eva@lumen.example", roles: ["owner"] });
    const developer = addPerson(client, { id: personId, name: "Dan", email: "d@lumen.example", roles: ["developer"] });
    const closed = changeStatus(client, "close", why);
    expect(refusalOf(() => ownClaims(developer, closed, life))).toMatchObject({ reason: "tenant_closed" });
    expect(refusalOf(() => ownClaims(owner, closed, life))).toBeUndefined();
    expect(refusalOf(() => ownClaims(owner, { ...closed, erasedAt: now }, life))).toMatchObject({
      reason: "tenant_closed",
    });
    expect(refusalOf(() => ownClaims(owner, client, { now, ttlSeconds: 86_401 }))).toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  it("lets an act-as token see the client only, names who acts, and ends with the grant", () => {
    const staff = staffOf(provider);
    const grant = grantActAs(staff, client, {
      id: `grt_${"0".repeat(26)}` as never,
      reason: "number stuck",
      minutes: 30,
      held: permissionsOf(["onboarding_agent"]),
      now,
    });
    expect(actAsClaims(grant, client)).toMatchObject({
      tid: client.id,
      anc: [provider.id],
      stf: false,
      kind: "staff",
      rol: ["onboarding_agent"],
      act: { sub: staff.id },
      exp: now.getTime() / 1000 + 1800,
    });
  });

  it("grants acting for at most an hour, with a reason, below one's own tenant, to staff", () => {
    const held = permissionsOf(["onboarding_agent"]);
    const request = { id: `grt_${"0".repeat(26)}` as never, reason: "number stuck", minutes: 30, held, now };
    const staff = staffOf(provider);
    for (const wrong of [{ minutes: 61 }, { minutes: 0 }, { minutes: 1.5 }, { reason: " " }])
      expect(refusalOf(() => grantActAs(staff, client, { ...request, ...wrong }))).toMatchObject({
        code: "BAD_USER_INPUT",
      });
    expect(refusalOf(() => grantActAs(staff, provider, request))).toMatchObject({ reason: "act_for_own_tenant" });
    const owner = addPerson(client, { id: personId, name: "Eva", email: "eva@lumen.example", roles: ["owner"] });
    expect(refusalOf(() => grantActAs(owner, provider, request))).toMatchObject({ reason: "staff_only" });
  });

  it("grants reading only unless told otherwise, and never more than the staff person holds", () => {
    const held = permissionsOf(["onboarding_agent"]);
    const request = { id: `grt_${"0".repeat(26)}` as never, reason: "number stuck", minutes: 30, held, now };
    const granted = (scopes?: readonly string[]): readonly string[] =>
      grantActAs(staffOf(provider), client, { ...request, ...(scopes && { scopes }) }).scopes;
    expect(granted().every((word) => readsOnly(word as Permission))).toBe(true);
    expect(granted()).toContain("onboarding:read");
    expect(granted(["onboarding:write", "onboarding:read"])).toEqual(["onboarding:read", "onboarding:write"]);
    for (const beyond of ["billing:write", "tenant:act-for", "key:write", "person:invite", "grant:revoke", "nonsense"])
      expect(refusalOf(() => granted(["onboarding:read", beyond]))).toMatchObject({
        code: "FORBIDDEN",
        reason: "scope_not_held",
      });
    expect(refusalOf(() => granted([]))).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("ends a grant once, with a reason, and never after its time", () => {
    const held = permissionsOf(["onboarding_agent"]);
    const request = { id: `grt_${"0".repeat(26)}` as never, reason: "number stuck", minutes: 30, held, now };
    const grant = grantActAs(staffOf(provider), client, request);
    const by = { kind: "member", id: "per_1" } as const;
    const revoked = revokeGrant(grant, { reason: "we did not ask for this", by, now });
    expect(revoked).toMatchObject({ revokedAt: now, revokedBy: by });
    expect(revoked && grantStatus(revoked, now)).toBe("revoked");
    expect(revoked && revokeGrant(revoked, { reason: "again", by, now })).toBeUndefined();
    expect(revokeGrant(grant, { reason: "late", by, now: grant.until })).toBeUndefined();
    expect(refusalOf(() => revokeGrant(grant, { reason: " ", by, now }))).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});
