import { type DataOf, event, type EventDefinition, tenantCreated } from "@greentick/contracts";
import { type Call, envelope, type EventEnvelope } from "@greentick/kernel";
import { type z } from "zod";
import { someTenants } from "./outside.js";

/** An event as its service would publish it, in the call's tenant. */
export function anEvent<S extends z.ZodType>(
  call: Call,
  definition: EventDefinition<S>,
  data: z.infer<S>,
  about: { readonly id?: string; readonly version?: number } = {},
): EventEnvelope {
  return envelope(
    call,
    { type: definition.stream, id: about.id ?? call.newId("event"), version: about.version ?? 1 },
    event(definition, data),
  );
}

type TenantFacts = DataOf<typeof tenantCreated>;

/** `tenant.created` of the call's tenant, as a projection would hear it. */
export const aTenantCreated = (call: Call, facts: Partial<TenantFacts> = {}): EventEnvelope =>
  anEvent(
    call,
    tenantCreated,
    {
      tenantId: call.tenantId,
      ancestorIds: [...call.ancestorIds],
      kind: call.tenantId === someTenants.provider ? "provider" : "client",
      status: "active",
      name: "Casa Lumen",
      legalName: "Casa Lumen S.A.S.",
      country: "CO",
      currency: "USD",
      timeZone: "America/Bogota",
      livemode: call.livemode,
      ...facts,
    },
    { id: call.tenantId },
  );
