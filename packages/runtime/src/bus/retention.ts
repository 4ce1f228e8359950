import { type Clock, type Log } from "@greentick/kernel";
import { type Membership } from "../members.js";
import { wakeable } from "../wakeable.js";
import { readerOf } from "./partitions.js";

/** What is older than that may go. */
export interface Old {
  readonly now: Date;
  /** Events that every consumer of their partition has passed. */
  readonly passed: Date;
  /** Events of a partition that no consumer ever read. */
  readonly unread: Date;
}

export interface Retention {
  /** Asked at every beat; costs nothing until it is due. */
  readonly review: () => void;
  readonly stop: () => Promise<void>;
}

export interface RetentionParts {
  readonly members: Membership;
  readonly now: Clock;
  readonly log: Log;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Long enough for a service that comes later, or was away, to be told what it missed. */
const unreadDays = 30;

/** Once an hour of system time, by one member of all. */
export function retention({ members, now, log }: RetentionParts, sweep: (old: Old) => Promise<void>): Retention {
  let dueAt = 0;
  const before = (days: number): Date => new Date(now().getTime() - days * dayMs);
  const sweeping = wakeable(
    () => sweep({ now: now(), passed: before(1), unread: before(unreadDays) }),
    (error) => {
      log.warn({ err: error }, "old events could not be deleted, it is tried again");
      dueAt = 0;
      return undefined;
    },
  );
  return {
    review: () => {
      const at = now().getTime();
      if (at < dueAt || readerOf("retention", [members.id, ...members.others()]) !== members.id) return;
      dueAt = at + hourMs;
      sweeping.wake();
    },
    stop: sweeping.stop,
  };
}
