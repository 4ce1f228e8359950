import { type DataOf, type endpointDisabled } from "@greentick/contracts";
import { type Call, tenantScope } from "@greentick/kernel";
import { type Tenant } from "../../domain/tenant.js";
import { type TenantStore } from "../../ports.js";
import { type Mailer, type RosterStore } from "../../ports/people.js";

export interface EndpointMailPorts {
  readonly tenants: TenantStore;
  readonly rosters: Pick<RosterStore, "find">;
  readonly mailer: Mailer;
}

type Disabled = DataOf<typeof endpointDisabled>;

const why: Readonly<Record<Exclude<Disabled["because"], "asked" | "tenant_closed">, string>> = {
  failing: "It took nothing any more for five days, and what waited for it was given up after three days of trying.",
  gone: "It answered 410 Gone, which says that it wants nothing any more.",
};

/** Tells the technical contacts of a business, or its owners, that one of its endpoints was switched off. Safe to repeat: a second message is the same. */
export const tellOfEndpoint =
  (ports: EndpointMailPorts) =>
  async (call: Call, { endpointId, host, description, because }: Disabled): Promise<void> => {
    if (because === "asked" || because === "tenant_closed") return;
    const tenant = await ports.tenants.get(tenantScope(call), call.tenantId);
    const receivers = await receiversOf(ports, call, tenant);
    for (const [at, to] of receivers.entries())
      await ports.mailer.send({
        to,
        subject: `${tenant.name}: a webhook endpoint was switched off`,
        messageId: `${call.causationId ?? endpointId}.${at}`,
        text: [
          `The webhook endpoint ${endpointId} at ${host}${description === "" ? "" : ` (${description})`} gets nothing any more.`,
          why[because],
          "Mend it, then enable it again (enableWebhookEndpoint). What was given up, and what happened meanwhile, can be sent once more for as long as it is kept (redeliverWebhooks).",
        ].join("\n\n"),
      });
  };

async function receiversOf(
  { rosters }: EndpointMailPorts,
  call: Call,
  { contacts }: Tenant,
): Promise<readonly string[]> {
  const technical = contacts.filter(({ purpose }) => purpose === "technical").flatMap(({ email }) => email ?? []);
  if (technical.length > 0) return technical;
  const { entries = [] } = (await rosters.find(tenantScope(call), call.tenantId)) ?? {};
  return entries
    .filter(({ standing, roles }) => standing === "active" && roles.includes("owner"))
    .map(({ email }) => email);
}
