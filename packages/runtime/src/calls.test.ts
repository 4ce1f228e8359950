import { isId, permissionsOf } from "@greentick/kernel";
import { aNote, someTenants } from "@greentick/testing";
import { type CallClaims, callFactory } from "./calls.js";
import { type Clocks } from "./clocks.js";
import { silentLog } from "./log.js";

const system = new Date("2026-11-21T12:00:00Z");
const sandbox = new Date("2026-10-01T00:00:00Z");
const clocks = { system: () => system, business: (live: boolean) => () => (live ? system : sandbox) } as Clocks;
let counter = 0;
const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(counter++ % 256);
const calls = callFactory({ clocks, randomBytes, log: silentLog });

const claims: CallClaims = {
  actor: { kind: "member", id: "per_1" },
  tenantId: someTenants.casa,
  ancestorIds: [someTenants.provider],
  livemode: false,
  staff: false,
  roles: ["developer"],
};

describe("a call", () => {
  it("of a caller has the caller's identity, and the permissions of its roles", () => {
    const call = calls.fromClaims(claims, { requestId: "req_1" });
    expect(call).toMatchObject({ actor: claims.actor, tenantId: someTenants.casa, staff: false, requestId: "req_1" });
    expect(call.permissions).toEqual(permissionsOf(["developer"]));
    expect(call.correlationId).toBe("req_1");
    expect(call).not.toHaveProperty("idempotencyKey");
  });

  it("of a key or an act-as grant holds exactly what that was given", () => {
    const given = { ...claims, roles: ["owner" as const], permissions: ["template:read" as const], keyId: "key_1" };
    const call = calls.fromClaims(given, { requestId: "req_1" });
    expect(call).toMatchObject({ permissions: new Set(["template:read"]), keyId: "key_1" });
  });

  it("in a suspended tenant keeps reading, and knows what it lost by that", () => {
    const call = calls.fromClaims({ ...claims, tenantStanding: "suspended" }, { requestId: "req_1" });
    expect(call.permissions).toContain("template:read");
    expect(call.permissions).not.toContain("template:submit");
    expect(call.withheld).toEqual({ standing: "suspended", permissions: permissionsOf(["developer"]) });
  });

  it("carries what the request said of itself", () => {
    const deadline = new Date("2026-11-21T12:00:30Z");
    const facts = {
      requestId: "req_1",
      ip: "192.0.2.7",
      locale: "es",
      idempotencyKey: "k",
      traceparent: "00-a-b-01",
      deadline,
    };
    expect(calls.fromClaims(claims, facts)).toMatchObject(facts);
  });

  it("knows business time by its tenant, and system time beside it", () => {
    const ofSandbox = calls.fromClaims(claims, { requestId: "req_1" });
    const ofLive = calls.fromClaims({ ...claims, livemode: true }, { requestId: "req_1" });
    expect([ofSandbox.now(), ofSandbox.systemNow()]).toEqual([sandbox, system]);
    expect(ofLive.now()).toEqual(system);
  });

  it("of an event acts as the service in the event's tenant, with what it was granted and nothing else", () => {
    const cause = aNote(calls.system("webhook", claims), { key: "k", n: 1 });
    const call = calls.fromEvent("billing", cause, ["billing:write"]);
    expect(call).toMatchObject({
      actor: { kind: "service", id: "billing" },
      tenantId: someTenants.casa,
      ancestorIds: [someTenants.provider],
      livemode: false,
      staff: false,
      causationId: cause.id,
      correlationId: cause.correlationId,
      requestId: cause.requestId,
    });
    expect(call.permissions).toEqual(new Set(["billing:write"]));
    expect(calls.fromEvent("billing", cause).permissions).toEqual(new Set());
  });

  it("makes identifiers of every kind, new each time", () => {
    const call = calls.system("billing", claims);
    const [a, b] = [call.newId("template"), call.newId("template")];
    expect(isId("template", a) && isId("template", b)).toBe(true);
    expect(a).not.toBe(b);
    expect(isId("request", call.requestId)).toBe(true);
  });
});
