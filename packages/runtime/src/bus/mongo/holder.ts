import { type Membership } from "../../members.js";
import { partIn, type Place, placeId, readerOf } from "../partitions.js";
import { type Ahead, aheadOf, type Shelf } from "./ahead.js";
import { type Offsets } from "./offsets.js";

export interface Held {
  offset: number;
  /** How often what comes next was given out without being passed, this time included. */
  deliveries: number;
  readonly term: number;
  /** What is read of it and not handled. */
  readonly ahead: Ahead;
}

export interface Holder {
  /** What it holds, if it still may. Asked before every chunk, so a partition changes hands between chunks. */
  readonly hold: () => Promise<Held | undefined>;
  readonly held: () => Held | undefined;
  /** Whether the place is this process's to read. */
  readonly mine: () => boolean;
  /** The next `hold` claims the place again and reads where it stands. */
  readonly forget: () => void;
}

/** Whether this process reads a place for its consumer, and from where. */
export function holder(
  { members, offsets, shelf }: { readonly members: Membership; readonly offsets: Offsets; readonly shelf: Shelf },
  place: Place,
): Holder {
  const id = placeId(place);
  let held: Held | undefined;
  const mine = (): boolean => readerOf(id, members.doing(partIn(place))) === members.id;
  const drop = (): void => {
    held?.ahead.drop();
    held = undefined;
  };
  const letGo = async (): Promise<void> => {
    if (held === undefined) return;
    drop();
    await offsets.release(place);
  };
  const take = async (term: number): Promise<Held | undefined> => {
    const owner = await offsets.ownerOf(place);
    if (owner === undefined) throw new Error(`The event bus lost the place ${id}.`);
    if (owner !== "" && owner !== members.id && (await members.sight(owner)) !== "gone") return undefined;
    const taken = await offsets.take(place, owner);
    if (taken === undefined) return undefined;
    const { offset, deliveries, beyond } = taken;
    return { offset, deliveries, term, ahead: aheadOf({ offset, beyond }, shelf) };
  };
  return {
    held: () => held,
    mine,
    forget: drop,
    hold: async () => {
      const term = members.term();
      if (held?.term !== term) drop();
      if (term === undefined) return undefined;
      if (!mine()) await letGo();
      else held ??= await take(term);
      return held;
    },
  };
}
