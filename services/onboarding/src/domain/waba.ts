import { type WabaRecordId } from "@greentick/kernel";
import { type Change, type Mirror, observe, remember, type Sighting } from "./mirror.js";
import { type Owned, type Sealed } from "./owned.js";

/** Properties of Meta's that are mirrored. */
type WabaField =
  | "name"
  | "currency"
  | "timezoneId"
  | "country"
  | "review"
  | "businessVerification"
  | "ownerBusinessId"
  | "ownerBusinessName"
  | "fundingId"
  | "accountEvent";
export type WabaFacts = Readonly<Partial<Record<WabaField, string>>>;

/** A client's WhatsApp Business Account as Meta shows it. Currency and zone are fixed when Meta creates the account. */
export interface Waba extends Owned {
  readonly id: WabaRecordId;
  readonly wabaId: string;
  readonly metaBusinessId: string;
  readonly currency: string;
  /** IANA name; Meta prices by the day in this zone. */
  readonly timeZone: string;
  readonly linkedAt: Date;
  readonly lastSyncedAt: Date;
  readonly mirror: Mirror<WabaField>;
  readonly history: readonly Change[];
  /** The client's business token. */
  readonly sealedToken: Sealed;
  readonly subscribedAt?: Date;
  readonly allocationConfigId?: string;
}

export interface LinkFacts extends Owned {
  readonly id: WabaRecordId;
  readonly wabaId: string;
  readonly metaBusinessId: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly sealedToken: Sealed;
  readonly facts: WabaFacts;
}

export function linkWaba({ facts, ...link }: LinkFacts, now: Date): Waba {
  const { mirror } = observe<WabaField>({}, facts, { at: now, source: "signup" });
  return { ...link, mirror, history: [], linkedAt: now, lastSyncedAt: now };
}

export interface Observing<T> {
  readonly next: T;
  readonly changes: readonly Change[];
}

/** What Meta says now of the account; a look (`sync`, `signup`) counts as a synchronisation, a webhook does not. */
export function observeWaba(waba: Waba, facts: WabaFacts, sighting: Sighting): Observing<Waba> {
  const { mirror, changes } = observe(waba.mirror, facts, sighting);
  const synced = sighting.source === "webhook" ? {} : { lastSyncedAt: sighting.at };
  return { next: { ...waba, ...synced, mirror, history: remember(waba.history, changes) }, changes };
}
