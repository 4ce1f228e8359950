import { type Scope } from "@greentick/kernel";
import { type KeptBody } from "../domain/kept-body.js";
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

/** Live facts carry the system time of receipt; a sandbox's facts its own clock. */
export const receivedAt = (ports: Pick<WebhookPorts, "businessNow">, body: KeptBody, owner: Owner): Date =>
  owner.livemode ? body.receivedAt : ports.businessNow(false);
