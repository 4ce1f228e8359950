import { type Scope } from "@greentick/kernel";
import { type Owner, type ReadUpdate, type WebhookPorts } from "../ports.js";

/** Whom an update belongs to: the account's tenant, else the provider where the update is about ourselves. */
export function ownerOf(
  ports: Pick<WebhookPorts, "owners">,
  scope: Scope,
  update: ReadUpdate,
): Promise<Owner | undefined> {
  if (update.ours) return ports.owners.ofProvider(scope);
  return update.wabaId === undefined ? Promise.resolve(undefined) : ports.owners.ofWaba(scope, update.wabaId);
}
