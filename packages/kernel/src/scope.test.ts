import { type Call } from "./call.js";
import { type TenantId } from "./ids.js";
import { systemPurposes, systemScope, tenantScope, underScope } from "./scope.js";

const client = "ten_01CASA00000000000000000000" as TenantId;
const provider = "ten_01PR0V1DER0000000000000000" as TenantId;
const of = (staff: boolean): Call => ({ tenantId: client, ancestorIds: [provider], staff }) as unknown as Call;

describe("a scope", () => {
  it("of a caller is the caller's own tenant", () => {
    expect(tenantScope(of(false))).toEqual({ tenant: client, ancestors: [provider] });
  });

  it("over the tree below is for staff and resellers only", () => {
    expect(underScope(of(true))).toEqual({ under: client });
    expect(() => underScope(of(false))).toThrow("Only staff of the provider or a reseller");
  });

  it("of the system names a purpose from the table, each with its reason", () => {
    expect(systemScope("outbox-relay")).toEqual({ system: "outbox-relay" });
    for (const reason of Object.values(systemPurposes)) expect(reason.length).toBeGreaterThan(10);
  });
});
