/**
 * Named places at which a test build may stop, kill or delay the process. In production no handler is installed and a fault point
 * costs one comparison.
 */
export type FaultHandler = (name: FaultPointName) => void | Promise<void>;

/** Every fault point with what is true when it is reached. A command prints this table. */
export const faultPoints = {
  "door.read": "the body is in memory, its signature is not checked",
  "door.verified": "the signature was right, nothing is kept yet",
  "door.kept": "the bytes are journalled, the sender has no answer yet",
  "door.answered": "the sender has its answer, the splitter was not woken",
  "splitter.opened": "waiting bodies are in memory, nothing of them was handed on",
  "splitter.held": "what has no owner lies in quarantine, nothing is published",
  "splitter.published": "the updates are on the bus, the body is not marked as split",
  "splitter.marked": "the body is marked as split, what came late about an erased person is not blanked",
  "release.published": "what waited in quarantine is on the bus, the quarantine still holds it",
  "replay.published": "a part of a range is on the bus again, the task does not know it",
  "publisher.kept": "events are in the published log, their deliveries are not in line",
  "deliverer.sent": "the receiver has answered, the delivery does not know it",
  "bus.handled": "a handler finished, the consumer's offset has not moved",
  "outbox.published": "the events are on the bus, the aggregate still carries them",
  "billing.facts-kept": "facts are saved with their entries inside, the ledger lacks them",
  "billing.entries-kept": "ledger entries are inserted, their windows are not marked",
  "billing.windows-marked": "windows are marked dirty, the consumer's offset has not moved",
  "billing.spending-written": "a client's spending has new sums, its reservations and counted entries do not know it",
  "meter.sent": "Stripe has the total, the window does not know it",
} as const;
export type FaultPointName = keyof typeof faultPoints;

let handler: FaultHandler | undefined;

/** Test builds only: what happens at each fault point; `undefined` removes it. */
export const onFaultPoint = (next: FaultHandler | undefined): void => {
  handler = next;
};

export const faultPoint = (name: FaultPointName): void | Promise<void> => handler?.(name);
