import { type Call, tenantScope } from "@greentick/kernel";
import { type LedgerEntry } from "../domain/ledger-entry.js";
import { type Reason } from "../domain/reason.js";
import { type EntryIds, type EntryStore } from "../ports.js";

export interface ChainPorts {
  readonly entries: EntryStore;
  readonly entryIds: EntryIds;
}

/** What is booked about one thing, under the numbers 0, 1, 2 …; the time is part of the ids. */
export interface Chain {
  readonly key: string;
  readonly at: Date;
}

/** Beside the reasons of the whole amount, from the second entry of a chain on. */
export const lessBooked = (chain: readonly LedgerEntry[]): readonly Reason[] =>
  chain.length === 0 ? [] : [{ rule: "difference", says: "Less what was booked for it before." }];

const step = 4;

/** The entries booked so far under some keys, each in the order of its numbers; their ids follow from key, number and time. */
export async function bookedChains(
  { entries, entryIds }: ChainPorts,
  call: Call,
  wanted: readonly Chain[],
): Promise<ReadonlyMap<string, readonly LedgerEntry[]>> {
  const chains = new Map<string, LedgerEntry[]>(wanted.map(({ key }) => [key, []]));
  let open = wanted;
  for (let from = 0; open.length > 0; from += step) {
    const ids = open.flatMap(({ key, at }) =>
      Array.from({ length: step }, (_, more) => entryIds(call.tenantId, key, from + more, at)),
    );
    const found = await entries.getMany(tenantScope(call), ids);
    open = open.filter(({ key }, place) => {
      const mine = found.slice(place * step, (place + 1) * step).filter((entry) => entry !== undefined);
      chains.get(key)?.push(...mine);
      return mine.length === step;
    });
  }
  return chains;
}
