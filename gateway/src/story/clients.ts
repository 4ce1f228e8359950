import { mayBeDelegated, permissionsOf } from "@greentick/kernel";
import { ask, type Target } from "./target.js";

/** A client business to create, with the price plan it is billed by. */
export interface ClientPlan {
  readonly name: string;
  readonly legalName: string;
  readonly country: string;
  readonly currency: string;
  readonly timeZone: string;
}

/** A client that exists: its tenant, and a token with which staff act for it. */
export interface Client extends ClientPlan {
  readonly tenantId: string;
  readonly token: string;
}

const create = `mutation CreateTenant($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
const act = `mutation ActFor($input: ActForInput!) { actFor(input: $input) { token } }`;

/** All that a platform admin can do for a client; the default would be to read only. */
const scopes = [...permissionsOf(["platform_admin"])].filter(mayBeDelegated);

/** A token of the provider's staff in the client; its reason and scopes stand in the client's trail. */
export async function actFor(target: Target, tenantId: string, reason: string): Promise<string> {
  const { actFor: granted } = await ask<{ actFor: { token: string } }>(target, target.tokens.platform_admin, act, {
    input: { tenantId, reason, minutes: 60, scopes },
  });
  return granted.token;
}

/** Creates the client's tenant once, however often the story runs. Answers its id. */
export async function createTenant(target: Target, plan: ClientPlan): Promise<string> {
  const { name, legalName, country, currency, timeZone } = plan;
  const input = { name, legalName, country, currency, timeZone, idempotencyKey: `story:${name}` };
  const { createTenant: created } = await ask<{ createTenant: { tenant: { id: string } } }>(
    target,
    target.tokens.onboarding_agent,
    create,
    { input },
  );
  return created.tenant.id;
}

/** The tenant as staff who onboard it see it. */
export const takeOn = async (target: Target, plan: ClientPlan, tenantId: string): Promise<Client> => ({
  ...plan,
  tenantId,
  token: await actFor(target, tenantId, "Onboarding of a new client"),
});

/** Creates the client and lets every service hear of it. */
export async function createClient(target: Target, plan: ClientPlan): Promise<Client> {
  const tenantId = await createTenant(target, plan);
  await target.settle();
  return takeOn(target, plan, tenantId);
}
