import { type TenantId } from "@greentick/kernel";
import { type LocalPlatform } from "../local-platform.js";
import { tokenSeconds } from "../staff.js";
import { ask } from "../../story/target.js";
import { clientMembers, type MemberRole } from "./provider.js";

/** A member of a client, signed in. */
export interface LocalMember {
  readonly role: MemberRole;
  readonly name: string;
  readonly client: string;
  readonly tenantId: string;
  readonly token: string;
}

/** Signs in one member of each role in the clients of the first filling; nobody where these clients do not exist. */
export async function signInMembers(local: LocalPlatform): Promise<readonly LocalMember[]> {
  const { identity } = local.platform;
  const tenants = await tenantsByName(local);
  const members: LocalMember[] = [];
  for (const { client, role, name, email } of clientMembers) {
    const tenantId = tenants.get(client);
    if (tenantId === undefined) continue;
    const person = await identity.seedPerson({ tenantId: tenantId as TenantId, name, email, roles: [role] });
    const { token } = await identity.issueFor(person.id, tokenSeconds);
    members.push({ role, name, client, tenantId, token });
  }
  return members;
}

async function tenantsByName({ target }: LocalPlatform): Promise<ReadonlyMap<string, string>> {
  const document = `query Tenants { tenants(first: 100) { nodes { id name } } }`;
  const { tenants } = await ask<{ tenants: { nodes: { id: string; name: string }[] } }>(
    target,
    target.tokens.platform_admin,
    document,
  );
  return new Map(tenants.nodes.map(({ id, name }) => [name, id]));
}
