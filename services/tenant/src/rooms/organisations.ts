import { type Entity } from "@greentick/graphql";
import { type RefusalAudit } from "@greentick/runtime";
import { lifecycleConsumer } from "../adapters/events/lifecycle.js";
import { organisationConsumers, organisationTimers, type OrganisationVerbs } from "../adapters/events/organisations.js";
import { OrganisationResolver } from "../adapters/graphql/organisation.resolver.js";
import { TenantResolver, type TenantUseCases } from "../adapters/graphql/tenant.resolver.js";
import { toTenant } from "../adapters/graphql/types.js";
import { hashOf, type mongoTenantStore } from "../adapters/mongo/tenant-store.js";
import { registers } from "../adapters/registers/registers.js";
import { type RetentionPolicy } from "../domain/retention.js";
import { type TimerPort } from "../ports.js";
import { changeTenantStatus, followTenant } from "../usecases/change-tenant-status.js";
import { closeTenant } from "../usecases/close-tenant.js";
import { createTenant } from "../usecases/create-tenant.js";
import { listChildren, listTenants, readTenants, readTwinId } from "../usecases/read-tenants.js";
import { renameTenant } from "../usecases/rename-tenant.js";
import { eraseWhatIsDue, liftLegalHold, placeLegalHold, scheduleErasure } from "../usecases/retain-and-erase.js";
import { createSandboxTwin, followLive, twinOfNewClient } from "../usecases/sandbox-twin.js";
import { followParent, updateTenantSettings } from "../usecases/update-tenant-settings.js";
import { type Room } from "./room.js";

type OrganisationUses =
  "readTenants" | "listTenants" | "createTenant" | "renameTenant" | "changeTenantStatus" | "closeTenant";

export interface OrganisationParts {
  readonly tenants: ReturnType<typeof mongoTenantStore>;
  readonly timers: TimerPort;
  readonly refusals: RefusalAudit;
  readonly policy: RetentionPolicy;
  /** What TenantResolver shows of other rooms. */
  readonly others: Omit<TenantUseCases, OrganisationUses>;
}

/** The tree of organisations: who there is, their settings, their life from prospect to erasure, their sandbox twins. */
export function organisations({ tenants, timers, refusals, policy, others }: OrganisationParts): Room {
  const { refusing } = refusals;
  const read = readTenants({ tenants });
  const resolver = new TenantResolver({
    ...others,
    readTenants: read,
    listTenants: refusing("listTenants", listTenants({ tenants })),
    createTenant: refusing("createTenant", createTenant({ tenants, hashOf })),
    renameTenant: refusing("renameTenant", renameTenant({ tenants })),
    changeTenantStatus: refusing("changeTenantStatus", changeTenantStatus({ tenants })),
    closeTenant: refusing("closeTenant", closeTenant({ tenants, policy })),
  });
  const settings = new OrganisationResolver({
    updateTenantSettings: refusing("updateTenantSettings", updateTenantSettings({ tenants, registers })),
    createSandboxTwin: refusing("createSandboxTwin", createSandboxTwin({ tenants })),
    placeLegalHold: refusing("placeLegalHold", placeLegalHold({ tenants })),
    liftLegalHold: refusing("liftLegalHold", liftLegalHold({ tenants })),
    listChildren: listChildren({ tenants }),
    readTwinId: readTwinId({ tenants }),
    policy,
  });
  const verbs: OrganisationVerbs = {
    twinOfNewClient: twinOfNewClient({ tenants }),
    followLive: followLive({ tenants, policy }),
    followParent: followParent({ tenants }),
    scheduleErasure: scheduleErasure({ tenants, timers }),
    eraseWhatIsDue: eraseWhatIsDue({ tenants }),
  };
  const load: Entity["load"] = async (call, ids) => (await read(call, ids)).map((tenant) => tenant && toTenant(tenant));
  return {
    resolvers: [resolver, settings],
    entities: { Tenant: { permission: "tenant:read", load } },
    handlers: [lifecycleConsumer(followTenant({ tenants })), ...organisationConsumers(verbs)],
    timers: organisationTimers(verbs),
    stores: [tenants],
    collections: ["tenants"],
  };
}
