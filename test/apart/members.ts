import { configsOf, opening, openSurroundings, StoreConfig } from "@greentick/graphql";
import { type LocalSecrets } from "@greentick/gateway";
import { silentLog } from "@greentick/runtime";
import { buildTenantService, TenantConfig } from "@greentick/tenant";
import { type Journeyed } from "./journey.js";

export interface TenantStoreOf {
  readonly uri: string;
  readonly databasePrefix: string;
  readonly secrets: LocalSecrets;
  /** Its event bus, where that does not lie in the store. */
  readonly busUrl?: string;
}

const people = [
  { client: "andes", role: "owner", name: "Inés Quispe", email: "ines@andes.example" },
  { client: "andes", role: "developer", name: "Dario Nuñez", email: "dario@andes.example" },
  { client: "lumen", role: "billing_viewer", name: "Vera Campos", email: "vera@lumen.example" },
] as const;

const minutes = 30;

/**
 * Tokens of people of the clients. No request makes such a person yet, in whichever process it arrives: so the tenant service is built once more over
 * the deployment's store, only to enter them.
 */
export async function memberTokens(
  { uri, databasePrefix, secrets, busUrl }: TenantStoreOf,
  clients: Journeyed,
): Promise<Readonly<Record<string, string>>> {
  const env = {
    MONGODB_URI: uri,
    DATABASE_PREFIX: databasePrefix,
    MASTER_KEY: secrets.masterKey,
    ...(busUrl !== undefined && { BUS_URL: busUrl }),
  };
  const { store, tenant } = configsOf({ store: StoreConfig, tenant: TenantConfig }, env);
  const { close, tokens } = await opening(async (andLater) => {
    const surroundings = await openSurroundings({ ...store, log: silentLog });
    andLater(surroundings.close);
    const { identity } = await buildTenantService(tenant, await surroundings.outsideOf("tenant"));
    const entered = people.map(async ({ client, role, name, email }) => {
      const tenantId = clients[client].tenantId as Parameters<typeof identity.seedPerson>[0]["tenantId"];
      const { id } = await identity.seedPerson({ tenantId, name, email, roles: [role] });
      const { token } = await identity.issueFor(id, minutes * 60);
      return [role, token] as const;
    });
    return { tokens: Object.fromEntries(await Promise.all(entered)) };
  });
  await close();
  return tokens;
}
