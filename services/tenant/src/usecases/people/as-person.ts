import { allow, type Call, type Permission, type PersonId, type TenantId } from "@greentick/kernel";
import { peopleErrors } from "../../domain/people-errors.js";
import { heldIn, type RosterSide } from "../../domain/roster.js";
import { type RosterStore } from "../../ports/people.js";

interface Place {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
}

/** The call of somebody who has just proved who she is: what is written for her carries her name, not a visitor's. */
export const asPerson = (
  call: Call,
  personId: PersonId,
  { place, side }: { readonly place: Place; readonly side: RosterSide },
): Call => ({
  ...call,
  actor: { kind: side, id: personId },
  tenantId: place.tenantId,
  ancestorIds: place.ancestorIds,
  livemode: place.livemode,
});

/**
 * The person who asks in the own name: not a key, not somebody acting for a client. @throws FORBIDDEN/permission_missing,
 * FORBIDDEN/own_account_only.
 */
export async function oneself(rosters: RosterStore, call: Call, word: Permission): Promise<PersonId> {
  allow(call, word);
  const { kind, id } = call.actor;
  const isPerson = (kind === "staff" || kind === "member") && call.grantId === undefined;
  const roster = isPerson
    ? await rosters.find({ tenant: call.tenantId, ancestors: call.ancestorIds }, call.tenantId)
    : undefined;
  if (heldIn(roster, id).length === 0) throw peopleErrors.ownOnly();
  return id as PersonId;
}
