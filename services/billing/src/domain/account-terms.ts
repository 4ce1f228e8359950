/** What holds of a WhatsApp account from an instant on; what a change does not name stays as it was. */
export interface AccountChange {
  readonly since: Date;
  readonly currency?: string;
  /** IANA name. */
  readonly timeZone?: string;
}
export interface AccountTerms {
  readonly currency: string;
  readonly timeZone: string;
}

type Property = "currency" | "timeZone";

function valueAt(changes: readonly AccountChange[], property: Property, at: Date): string {
  let best: { readonly since: Date; readonly value: string } | undefined;
  for (const { since, [property]: value } of changes) {
    if (value === undefined) continue;
    const begun = since <= at;
    const bestBegun = best !== undefined && best.since <= at;
    const closer = best === undefined || (begun ? !bestBegun || since >= best.since : !bestBegun && since < best.since);
    if (closer) best = { since, value };
  }
  if (best === undefined) throw new RangeError(`nothing is known of the account's ${property}`);
  return best.value;
}

/**
 * Currency and zone of an account at an instant: the change that came last before it, or the first one known for what happened earlier.
 * Accounts can move to another currency (Meta: currency migration). @throws RangeError when one of both was never told.
 */
export const accountTerms = (changes: readonly AccountChange[], at: Date): AccountTerms => ({
  currency: valueAt(changes, "currency", at),
  timeZone: valueAt(changes, "timeZone", at),
});
