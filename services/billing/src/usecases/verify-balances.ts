import { type Month, type Scope, systemScope, type TenantId, type UtcDay } from "@greentick/kernel";
import { type BalanceLine, chargeOf, sameBalance } from "../domain/balance.js";
import { type Bucket } from "../domain/bucket.js";
import { type BalanceStore, type RecountedDay, type WindowStore } from "../ports.js";

export interface BalancePorts {
  readonly balances: BalanceStore;
  readonly windows: WindowStore;
}

/** A window whose balance is not what its entries amount to. */
export interface BalanceDifference {
  readonly tenantId: TenantId;
  readonly bucket: Bucket;
  readonly day: UtcDay;
  readonly entries: Side;
  readonly balance: Side;
}
interface Side {
  readonly count: number;
  readonly chargeMicros: bigint;
}
const sideOf = (lines: readonly BalanceLine[]): Side => ({
  count: lines.reduce((sum, { entries }) => sum + entries, 0),
  chargeMicros: chargeOf(lines),
});

const nameOf = ({ tenantId, bucket, day }: Pick<BalanceDifference, "tenantId" | "bucket" | "day">): string =>
  `${tenantId}:${bucket}:${day}`;

/**
 * Compares every balance of a month with the sum of its entries, line by line; reads each entry once. Beside traffic a difference may be a booking
 * that happened in between: ask again.
 */
export const verifyBalances =
  ({ balances }: Pick<BalancePorts, "balances">) =>
  async (scope: Scope, month: Month): Promise<readonly BalanceDifference[]> => {
    const kept = new Map((await balances.ofMonth(scope, month)).map((one) => [nameOf(one), one]));
    const recounted = new Map((await balances.recounted(scope, month)).map((one) => [nameOf(one), one]));
    const names = [...new Set([...kept.keys(), ...recounted.keys()])].sort();
    return names.flatMap((name) => {
      const [balance, entries] = [kept.get(name), recounted.get(name)];
      const place = balance ?? entries;
      const [mine, theirs] = [balance?.lines ?? [], entries?.lines ?? []];
      if (place === undefined || sameBalance(mine, theirs)) return [];
      const { tenantId, bucket, day } = place;
      return [{ tenantId, bucket, day, entries: sideOf(theirs), balance: sideOf(mine) }];
    });
  };

/**
 * Adds every window of a month up again from its entries and keeps that; a window that was lost is made anew, and Stripe is told its total.
 * Safe to repeat, and beside those who book. Returns how many windows there are.
 */
export const rebuildBalances =
  ({ balances, windows }: BalancePorts) =>
  async (scope: Scope, month: Month): Promise<number> => {
    const kept = await balances.ofMonth(scope, month);
    const known = new Set(kept.map(nameOf));
    const lost = (await balances.recounted(scope, month)).filter((one: RecountedDay) => !known.has(nameOf(one)));
    await windows.markDirty(systemScope("meter-sender"), lost);
    for (const window of [...kept, ...lost]) await balances.rebuild(scope, window);
    return kept.length + lost.length;
  };
