import { type EventDefinition } from "@greentick/contracts";
import { type Call, type EventEnvelope, type Permission } from "@greentick/kernel";

/**
 * The event bus: durable, at least once, in order per partition key, with retries, backoff and dead letters. The embedded adapter keeps
 * its records in MongoDB; a broker can take its place behind this interface.
 */
export interface Bus {
  /**
   * Resolves when the events are durable. Events of one partition key keep the order of the list. Repeating a publish delivers again, so
   * handlers are idempotent. @throws RangeError, before anything is kept, for an event whose type names no stream or that is larger than 1 MB.
   */
  readonly publish: (events: readonly EventEnvelope[]) => Promise<void>;
  /**
   * Starts a durable consumer, at the first event of all when it is new. Processes that run the same name share its partitions; those of one
   * that ends or dies go to the others. @throws Error when this bus runs that name already.
   */
  readonly consume: (spec: ConsumerSpec) => Promise<RunningConsumer>;
  /** How far each consumer is behind, in events, in any process. */
  readonly lag: () => Promise<readonly ConsumerLag[]>;
  /** Oldest first, at most 200. */
  readonly deadLetters: (filter?: {
    readonly consumer?: string;
    readonly id?: string;
  }) => Promise<readonly DeadLetter[]>;
  /**
   * Hands a dead letter to its consumer again; it leaves the box once it was handled, and stays with the new error otherwise. When the
   * consumer runs in another process, or the process that took it dies, another one takes it up soon. False when there is none of that id.
   * Safe to repeat: a letter is in one hand at a time, and who asks meanwhile asks for the try that is under way.
   */
  readonly redeliver: (deadLetterId: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Handles one event. A throw means: try again, and after the last try put it among the dead letters. */
export type EventHandler = (call: Call, event: EventEnvelope) => Promise<void>;
/** Handles up to `batchSize` events of one partition in order; all or nothing: a throw makes the bus retry them one by one. */
export type BatchHandler = (events: readonly EventEnvelope[]) => Promise<void>;

export interface Subscription {
  readonly event: EventDefinition;
  readonly handle: EventHandler;
}

export interface ConsumerSpec {
  /** Unique and stable, e.g. `billing.rating`: the offset is kept under this name. */
  readonly name: string;
  /**
   * One table per service: which event wakes what. Several lines for one event run in the table's order. A handler is given its event's
   * version and older ones. An event newer than every line for it is parked among the dead letters, as `unknown_version`, and handed in by
   * itself once a process runs whose table reads it: later than its neighbours, as any dead letter.
   */
  readonly on: readonly Subscription[];
  /** What the handlers' calls may do beside reading and writing their own service's documents; default: nothing. */
  readonly permissions?: readonly Permission[];
  /** Given instead of `on` where a handler works on batches. */
  readonly batch?: {
    readonly events: readonly EventDefinition[];
    readonly handle: BatchHandler;
    readonly batchSize: number;
  };
}

export interface RunningConsumer {
  readonly stop: () => Promise<void>;
}

export interface ConsumerLag {
  readonly consumer: string;
  readonly stream: string;
  readonly partition: number;
  /** Events that it has passed. */
  readonly offset: number;
  readonly behind: number;
  /** False when no process runs this consumer, so that nothing will move. */
  readonly running: boolean;
}

/** `failed`: its tries were spent. `unknown_version`: it is newer than its consumer reads, and waits for the newer release. */
export type DeadLetterReason = "failed" | "unknown_version";

export interface DeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly event: EventEnvelope;
  readonly reason: DeadLetterReason;
  readonly tries: number;
  readonly error: string;
  readonly at: Date;
}
