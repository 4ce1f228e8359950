import { allow, type Call, systemScope, type TenantId } from "@greentick/kernel";
import { type RetentionPolicy } from "../domain/retention.js";
import { changeStatus, openTwin, type Tenant } from "../domain/tenant.js";
import { type TenantStore } from "../ports.js";
import { closing } from "./close-tenant.js";
import { changed, created } from "./tenant-events.js";
import { familyOf } from "./tenants-in-sight.js";

interface Ports {
  readonly tenants: TenantStore;
  readonly policy: RetentionPolicy;
}
export type CreateSandboxTwin = (call: Call, tenantId: string) => Promise<Tenant>;

const tree = systemScope("organisation-tree");

/** The twin of a live client: made once, found ever after. @throws BAD_USER_INPUT/twin_not_possible, CONFLICT/tenant_closed. */
export const createSandboxTwin =
  ({ tenants }: Pick<Ports, "tenants">): CreateSandboxTwin =>
  async (call, tenantId) => {
    allow(call, "tenant:create");
    return ensureTwin(tenants, call, await tenants.get(familyOf(call), tenantId));
  };

async function ensureTwin(tenants: TenantStore, call: Call, live: Tenant): Promise<Tenant> {
  const before = await tenants.findTwin(tree, live.id);
  if (before !== undefined) return before;
  const twin = openTwin(live, call.newId("tenant"), call.now());
  return tenants.insert(call, twin, [created(twin)]).catch(async (error: unknown) => {
    const first = await tenants.findTwin(tree, live.id);
    if (first === undefined) throw error;
    return first;
  });
}

/** Every live client gets its twin when it is created. Safe to repeat. */
export const twinOfNewClient =
  ({ tenants }: Pick<Ports, "tenants">) =>
  async (call: Call, liveId: TenantId): Promise<void> => {
    allow(call, "tenant:create");
    const [live] = await tenants.getMany(tree, [liveId]);
    if (live?.kind === "client" && live.livemode && live.status !== "closed") await ensureTwin(tenants, call, live);
  };

const becauseOfLive = "as its live client";

/** The twin is suspended, resumed and closed with its live client. Safe to repeat. */
export const followLive =
  (ports: Ports) =>
  async (call: Call, liveId: TenantId): Promise<void> => {
    allow(call, "tenant:write");
    const { tenants } = ports;
    const [live] = await tenants.getMany(tree, [liveId]);
    const twin = live && (await tenants.findTwin(tree, live.id));
    if (live === undefined || twin === undefined || twin.status === "closed") return;
    if (live.status === "closed") return closeFamily(ports, call, twin);
    const verb = verbFor(twin, live);
    if (verb === undefined) return;
    const moved = changeStatus(twin, verb, { reason: becauseOfLive, now: call.now() });
    await tenants.save(call, moved, [changed(twin, moved, { reason: becauseOfLive })]);
  };

/** What brings the twin in step; a twin that was suspended for a reason of its own stays so. */
function verbFor(twin: Tenant, live: Tenant): "suspend" | "resume" | undefined {
  if (live.status === "suspended") return twin.status === "suspended" ? undefined : "suspend";
  return twin.status === "suspended" && twin.statusReason === becauseOfLive ? "resume" : undefined;
}

/** A twin with its branches: those first. */
async function closeFamily(ports: Ports, call: Call, twin: Tenant): Promise<void> {
  for (const branch of await ports.tenants.children(tree, twin.id))
    if (branch.status !== "closed") await closing(ports, call, { tenant: branch, reason: becauseOfLive });
  await closing(ports, call, { tenant: twin, reason: becauseOfLive });
}
