import { after, type Call, type Clock, dayMs, systemScope, tenantScope } from "@greentick/kernel";
import { type RetentionPolicy } from "../domain/retention.js";
import { type TenantStore } from "../ports.js";
import { type ConsentPorts } from "./record-consent.js";
import { shownSteps } from "./read-consents.js";

/** Everything kept of a contact, in plain words, as it is handed out to the person. */
export const findOfPerson =
  ({ consents, seal }: ConsentPorts) =>
  async (call: Call, keys: readonly string[]): Promise<readonly unknown[]> => {
    const found = await consents.findByKeys(tenantScope(call), keys);
    return Promise.all(
      found.map(async (consent) => {
        const { id, tenantId, purpose, status, since } = consent;
        const opened = await seal.open({ tenantId, record: id, field: "identity" }, consent.sealedIdentity);
        const identity: unknown = JSON.parse(Buffer.from(opened).toString("utf8"));
        return { id, identity, purpose, status, since, history: await shownSteps(seal, consent) };
      }),
    );
  };

/** Erases a contact, and remembers by keyed hash that it did, so that an old file does not bring it back. */
export const eraseOfPerson =
  ({ consents }: Pick<ConsentPorts, "consents">) =>
  async (call: Call, keys: readonly string[], at: Date): Promise<void> => {
    await consents.erase(tenantScope(call), keys, at);
  };

interface SweepPorts extends Pick<ConsentPorts, "consents"> {
  readonly tenants: Pick<TenantStore, "getMany">;
  readonly policy: RetentionPolicy;
  readonly business: (livemode: boolean) => Clock;
}

/** A withdrawn consent is kept for its period, as proof of what was sent before; then it goes, unless a legal hold stands. */
export const eraseLongWithdrawn =
  ({ consents, tenants, policy, business }: SweepPorts) =>
  async (): Promise<number> => {
    const days = policy.find(({ kind }) => kind === "consent")?.days ?? Infinity;
    let erased = 0;
    for (const livemode of [true, false]) {
      const before = after(business(livemode)(), -days * dayMs);
      const due = await consents.tenantsWithWithdrawn(livemode, before);
      for (const tenant of await tenants.getMany(systemScope("organisation-tree"), due))
        if (tenant !== undefined && tenant.legalHold === undefined)
          erased += await consents.eraseWithdrawn(tenant.id, before);
    }
    return erased;
  };
