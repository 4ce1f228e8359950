import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

const create = `mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;
const activate = `mutation Activate($input: TenantStatusInput!) { activateTenant(input: $input) { tenant { status } } }`;
const suspend = `mutation Suspend($input: TenantStatusInput!) { suspendTenant(input: $input) { tenant { status } } }`;

const reason = "A trial of the states";

const hold = `mutation Hold($input: LegalHoldInput!) { placeLegalHold(input: $input) { tenant { id } } }`;

const settings = (canary: string): Readonly<Record<string, unknown>> => ({
  languages: ["es-CO", "en"],
  contacts: [
    {
      purpose: "BILLING",
      name: `${canary} accounts`,
      email: `accounts@${canary.toLowerCase()}.example`,
      phone: "+573005550100",
    },
  ],
  address: { lines: [`Calle ${canary} 1`], city: "Bogotá", region: "DC", postalCode: "110111", country: "CO" },
  taxIds: [{ country: "CO", kind: "nit", value: "900373913-4" }],
});

/** Organisations: each state that a mutation starts from is brought about with a client of its own. */
export function tenantRecipes(making: Making): Recipes {
  const as = asking(making);
  const newTenant = (side: SideName): Readonly<Record<string, unknown>> => {
    const number = counted(side, "tenant");
    const name = `${making.sides[side].canary} ${number}`;
    return {
      name,
      legalName: `${name} S.A.S.`,
      country: "CO",
      currency: "USD",
      timeZone: "America/Bogota",
      idempotencyKey: `tenant:${number}`,
    };
  };
  const created = async (side: SideName): Promise<string> =>
    (await as<{ createTenant: { tenant: { id: string } } }>(side, "reseller", create, { input: newTenant(side) }))
      .createTenant.tenant.id;
  const after = async (side: SideName, ...steps: readonly string[]): Promise<string> => {
    const tenantId = await created(side);
    for (const step of steps) await as(side, "reseller", step, { input: { tenantId, reason } });
    return tenantId;
  };
  const settled = async (side: SideName, ...steps: readonly string[]): Promise<string> => {
    const tenantId = await after(side, ...steps);
    await making.target.settle();
    return tenantId;
  };
  /** A live client, which this world, a sandbox, has none of: told to the store. */
  const live = async (side: SideName): Promise<string> => {
    const tenantId = await settled(side);
    const tenants = making.mongo.db(`${making.databasePrefix}tenant`).collection("tenants");
    await tenants.updateOne({ _id: tenantId as never }, { $set: { livemode: true } });
    return tenantId;
  };
  const onTenant = (...steps: readonly string[]): Recipes[string] =>
    recipe("reseller", async (side) => ({ tenantId: await after(side, ...steps), reason }));
  return {
    createTenant: plainly("reseller", (side) => ({ ...newTenant(side), parentId: making.sides[side].resellerId })),
    updateTenantSettings: recipe("reseller", async (side) => ({
      tenantId: await created(side),
      ...settings(making.sides[side].canary),
    })),
    createSandboxTwin: recipe("reseller", async (side) => ({ tenantId: await live(side) })),
    placeLegalHold: onTenant(),
    liftLegalHold: onTenant(hold),
    renameTenant: recipe("reseller", async (side) => ({
      tenantId: await created(side),
      name: `${making.sides[side].canary} renamed`,
    })),
    activateTenant: onTenant(),
    suspendTenant: onTenant(activate),
    resumeTenant: onTenant(activate, suspend),
    closeTenant: onTenant(activate),
    actFor: recipe("reseller", async (side) => ({ tenantId: await created(side), reason, minutes: 60 })),
    rotateSigningKey: recipe("above.platform_admin", () => Promise.resolve(undefined)),
  };
}
