import { type Membership } from "../../members.js";
import { partIn, type Place, placeId, readerOf } from "../partitions.js";
import { type Offsets } from "./offsets.js";

export interface Held {
  offset: number;
  /** How often what comes next was given out without being passed, this time included. */
  deliveries: number;
  readonly term: number;
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
export function holder(members: Membership, offsets: Offsets, place: Place): Holder {
  const id = placeId(place);
  let held: Held | undefined;
  const mine = (): boolean => readerOf(id, members.doing(partIn(place))) === members.id;
  const letGo = async (): Promise<void> => {
    if (held === undefined) return;
    held = undefined;
    await offsets.release(place);
  };
  const take = async (term: number): Promise<Held | undefined> => {
    const owner = await offsets.ownerOf(place);
    if (owner === undefined) throw new Error(`The event bus lost the place ${id}.`);
    if (owner !== "" && owner !== members.id && (await members.sight(owner)) !== "gone") return undefined;
    const taken = await offsets.take(place, owner);
    return taken && { ...taken, term };
  };
  return {
    held: () => held,
    mine,
    forget: () => {
      held = undefined;
    },
    hold: async () => {
      const term = members.term();
      if (held?.term !== term) held = undefined;
      if (term === undefined) return undefined;
      if (!mine()) await letGo();
      else held ??= await take(term);
      return held;
    },
  };
}
