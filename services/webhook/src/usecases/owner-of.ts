import { type Scope } from "@greentick/kernel";
import { type KeptBody } from "../domain/kept-body.js";
import { type QuarantineReason } from "../domain/quarantine.js";
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

/** Where an update goes: to its owner, or into quarantine although it has one. */
export interface Route {
  readonly owner?: Owner;
  readonly held?: QuarantineReason;
}

/** What waited in quarantine for an account comes first: until it is out, what is received after it waits behind it. */
export async function routeOf(
  ports: Pick<WebhookPorts, "owners" | "quarantine">,
  scope: Scope,
  update: ReadUpdate,
): Promise<Route> {
  const owner = await ownerOf(ports, scope, update);
  if (owner === undefined) return {};
  const behind =
    !update.ours && update.wabaId !== undefined && (await ports.quarantine.holdsBack(scope, update.wabaId));
  return behind ? { owner, held: "unknown_account" } : { owner };
}

/** Live facts carry the system time of receipt; a sandbox's facts its own clock. */
export const receivedAt = (ports: Pick<WebhookPorts, "businessNow">, body: KeptBody, owner: Owner): Date =>
  owner.livemode ? body.receivedAt : ports.businessNow(false);
