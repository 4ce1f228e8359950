import { randomBytes } from "node:crypto";
import { event, wabaLinked } from "@greentick/contracts";
import { envelope, type TenantId } from "@greentick/kernel";
import { callFactory, connectDatabase, mongoBus, silentLog, storedClocks } from "@greentick/runtime";

interface TenantRow {
  _id: TenantId;
  ancestorIds: TenantId[];
  livemode: boolean;
}

/** Says on the bus what onboarding says once an account belongs to a client, from a process of its own. */
export async function linkAccount(storeUri: string, tenantId: string, wabaId: string): Promise<void> {
  const tenants = await connectDatabase(storeUri, "greentick_tenant");
  const database = await connectDatabase(storeUri, "greentick_bus");
  try {
    const tenant = await tenants.db.collection<TenantRow>("tenants").findOne({ _id: tenantId as TenantId });
    if (tenant === null) throw new Error(`There is no tenant ${tenantId}.`);
    const clocks = storedClocks(database.db);
    await clocks.refresh();
    const calls = callFactory({ clocks, randomBytes, log: silentLog });
    const call = calls.system("faults", {
      tenantId: tenant._id,
      ancestorIds: tenant.ancestorIds,
      livemode: tenant.livemode,
    });
    const data = {
      ...{ wabaId, recordId: `wab_${wabaId}`, metaBusinessId: "1", name: "Late account" },
      ...{ currency: "USD" as const, timeZone: "America/Bogota", from: new Date("2026-10-01T00:00:00Z") },
    };
    const bus = await mongoBus({ db: database.db, clocks, calls, log: silentLog });
    await bus.publish([envelope(call, { type: "waba", id: data.recordId, version: 1 }, event(wabaLinked, data))]);
    await bus.close();
  } finally {
    await Promise.all([tenants.close(), database.close()]);
  }
}
