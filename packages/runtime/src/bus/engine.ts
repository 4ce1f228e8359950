import { type Clock, type EventEnvelope } from "@greentick/kernel";
import { type Membership } from "../members.js";
import { type ConsumerParts } from "./consumer.js";
import { type Broker, type ConsumerSpec } from "./contract.js";
import { type PartitionOf, type Place } from "./partitions.js";
import { type Old } from "./retention.js";

/** One partition of one consumer at work. */
export interface Lane {
  /** The members changed: who works on the partition may have changed too. */
  readonly review: () => void;
  /** Resolves when the event in hand is done, or the gap before its next try is broken off. */
  readonly stop: () => Promise<void>;
}

/** How far one consumer has come in one partition. */
export interface Standing extends Place {
  readonly offset: number;
  readonly behind: number;
}

/** What is different from one adapter to the next: where events lie, and how a partition is handed to one process at a time. */
export interface Engine {
  readonly append: (to: PartitionOf, events: readonly EventEnvelope[], again: boolean) => Promise<void>;
  /** Makes the positions of places that are read for the first time; they begin at the oldest event that is kept. */
  readonly register: (places: readonly Place[]) => Promise<void>;
  readonly startLane: (spec: ConsumerSpec, place: Place) => Lane;
  /** Gives back what this process holds for the consumer, whose lanes have stopped. */
  readonly release: (consumer: string) => Promise<void>;
  readonly standings: () => Promise<readonly Standing[]>;
  /** Deletes what is old and nobody needs. */
  readonly sweep: (old: Old) => Promise<void>;
  readonly broker?: Broker;
  /** Lanes have stopped; resolves when no append is under way and nothing runs any more. */
  readonly close: () => Promise<void>;
}

/** What both adapters stand on. */
export interface BusCore extends ConsumerParts {
  readonly members: Membership;
  /** System time. */
  readonly now: Clock;
}
