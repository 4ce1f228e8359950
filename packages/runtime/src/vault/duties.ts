import { type DataOf, tenantErased } from "@greentick/contracts";
import { type TenantId } from "@greentick/kernel";
import { type ConsumerSpec } from "../bus/contract.js";
import { type Job, type Outside } from "../service.js";

const hourMs = 3_600_000;

/** What every service owes its vault. */
export interface VaultDuties {
  /** Destroys the keys of an erased tenant. */
  readonly handlers: readonly ConsumerSpec[];
  /** Wraps data keys again after a new master key came: at the start, then hourly, until none stands under an old one. */
  readonly jobs: readonly Job[];
}

/** `service` is the service's name, first word of the consumer and the job. */
export const vaultDuties = (service: string, { vault, log }: Outside): VaultDuties => ({
  handlers: [
    {
      name: `${service}.shredding`,
      on: [
        {
          event: tenantErased,
          handle: async (_, event) => {
            const { tenantId } = event.data as DataOf<typeof tenantErased>;
            await vault.shred(tenantId as TenantId);
            log.info({ tenantId }, "keys of an erased tenant destroyed");
          },
        },
      ],
    },
  ],
  jobs: [
    {
      name: `${service}.rewrap`,
      everyMs: hourMs,
      run: async () => {
        const done = await vault.rewrap();
        if (done > 0) log.info({ keys: done }, "data keys wrapped under the current master key");
        return done;
      },
    },
  ],
});
