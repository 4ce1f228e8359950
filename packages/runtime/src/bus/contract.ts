import { type EventDefinition } from "@greentick/contracts";
import { type Call, type EventEnvelope, type Permission } from "@greentick/kernel";

/**
 * The event bus: a small subset of what JetStream means by a durable stream, with two adapters behind it. `mongoBus` keeps its log in the store
 * and needs nothing else; `natsBus` speaks to a NATS server, for services that run apart. One suite of tests holds both to these promises:
 *
 * - **Message id.** An event's id is its message id. A publish whose event is already among the newest 32 records of its partition (a record is
 *   what one publish put there, at most 500 events) and less than a day old is taken and dropped: a publisher whose answer was lost may simply repeat.
 * - **Durable consumers.** A consumer is a name with a position in every partition of the streams it reads. The position outlives processes; a new
 *   name begins at the oldest event that is kept. Processes that run the same name share its partitions.
 * - **Order per key.** Events of one partition key are in one partition, and one process works on it at a time, in order. Partitions are
 *   worked on in parallel.
 * - **Ack.** A position moves only after everything before it was handled: at least once. What a worker had in hand when it was killed is
 *   handed out again, so handlers are idempotent.
 * - **Nak with delay.** A handler that throws is given its event again after a gap that doubles, while its partition waits.
 * - **Bounded deliveries, then dead letter.** After `Patience.usual` tries (`Patience.provider` when a provider is away) the event lies among the
 *   dead letters and its neighbours go on. So does one that ends the process which handles it, after as many deliveries as
 *   `Patience.deliveries`.
 * - **Turns** (`mongoBus` alone). Of what waits in a partition, tenants are handled in turns, each tenant's events in their order, as far as 8 MB reach:
 *   one tenant's backlog holds up nobody's events that lie behind it. `natsBus` has one record of a partition in hand at a time, in the order
 *   of the log, so that there fairness between tenants ends where webhooks are split.
 * - **Keeping.** An event is kept until every consumer has passed it, and for a day; where no consumer ever registered, for thirty days. Looked after
 *   once an hour of system time; the newest record of a partition stays. A consumer that nobody runs any more holds up its partitions.
 * - **Lag.** How many events each consumer has not passed yet, whoever runs it.
 *
 * A broker may lose what it acknowledged. The bus is not the truth: stored webhooks and the outboxes of aggregates are, and `broker` tells what
 * has to be published from them again.
 */
export interface Bus {
  /**
   * Resolves when the events are durable. Events of one partition key keep the order of the list. `again` delivers also what was published a
   * moment ago: for replays. @throws RangeError, before anything is kept, for an event whose type names no stream or that is larger than 1 MB.
   * @throws PROVIDER_UNAVAILABLE/bus_lost_events when the broker turns out to have lost something that `broker.losses` did not show yet when this
   * was asked for: what is lost is published before what is new, so that every key keeps its order (`publishingLost` does it for a source of truth).
   */
  readonly publish: (events: readonly EventEnvelope[], how?: { readonly again?: boolean }) => Promise<void>;
  /**
   * Starts a durable consumer, at the oldest event that is kept when it is new. Processes that run the same name share its partitions; those of one
   * that ends or dies go to the others. @throws Error when this bus runs that name already.
   */
  readonly consume: (spec: ConsumerSpec) => Promise<RunningConsumer>;
  /** How far each consumer is behind, in events, in any process. */
  readonly lag: () => Promise<readonly ConsumerLag[]>;
  /** Oldest first, at most 200; the rest follows `after` the last one of these. */
  readonly deadLetters: (filter?: DeadLetterFilter) => Promise<readonly DeadLetter[]>;
  /**
   * Hands a dead letter to its consumer again; it leaves the box once it was handled, and stays with the new error otherwise. When the
   * consumer runs in another process, or the process that took it dies, another one takes it up soon. False when there is none of that id.
   * Safe to repeat: a letter is in one hand at a time, and who asks meanwhile asks for the try that is under way.
   */
  readonly redeliver: (deadLetterId: string) => Promise<boolean>;
  /** Absent where events are kept in the store itself: they are lost only together with the aggregates that said them. */
  readonly broker?: Broker;
  readonly close: () => Promise<void>;
}

/** A server of its own that keeps the events. */
export interface Broker {
  /** What it was found to have lost, by losses with a higher number than that; oldest first. */
  readonly losses: (after: number) => readonly BusLoss[];
}

/** Events published since then may be gone, and are published again from where they are kept. */
export interface BusLoss {
  /** From one, without gaps, the same in every process. */
  readonly number: number;
  /** System time; the epoch when everything was lost. */
  readonly since: Date;
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
  /** Events that it has passed, counted from the first one that ever was. */
  readonly offset: number;
  readonly behind: number;
  /** False when no process runs this consumer, so that nothing will move. */
  readonly running: boolean;
}

/** `failed`: its tries were spent. `unknown_version`: it is newer than its consumer reads, and waits for the newer release. */
export type DeadLetterReason = "failed" | "unknown_version";

export interface DeadLetterFilter {
  readonly consumer?: string;
  readonly id?: string;
  readonly reason?: DeadLetterReason;
  readonly after?: Pick<DeadLetter, "id" | "at">;
}

export interface DeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly event: EventEnvelope;
  readonly reason: DeadLetterReason;
  readonly tries: number;
  readonly error: string;
  readonly at: Date;
}
