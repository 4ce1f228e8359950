import { type Log, type RandomBytes } from "@greentick/kernel";
import { type Bus, type ConsumerSpec } from "./bus/contract.js";
import { type CallFactory } from "./calls.js";
import { type Clocks } from "./clocks.js";
import { type Courtesy } from "./courtesy.js";
import { type Database } from "./data/database.js";
import { type Route } from "./http/route.js";
import { type Metrics } from "./metrics.js";
import { type TimerSpec } from "./timers.js";
import { type Sealer } from "./vault/sealer.js";
import { type Vault } from "./vault/vault.js";

/** What a service receives from outside; nothing below reads an environment, a wall clock or a random source of its own. */
export interface Outside {
  readonly database: Database;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly calls: CallFactory;
  readonly randomBytes: RandomBytes;
  /** For what belongs to the deployment. */
  readonly sealer: Sealer;
  /** For what belongs to a tenant. */
  readonly vault: Vault;
  readonly metrics: Metrics;
  /** Of this process, all its services together. */
  readonly courtesy: Courtesy;
  readonly log: Log;
}

/** Work that repeats while the process runs; leased, so that one process does it at a time. */
export interface Job {
  readonly name: string;
  /** System time between runs; a nudge runs it at once. */
  readonly everyMs: number;
  /**
   * Runs that follow from a wake-up, or from one another, begin at least so far apart: what comes meanwhile is done together. Nobody waits for it who
   * runs the job directly.
   */
  readonly paceMs?: number;
  /** It shares its work with other processes by itself: every process runs it, without a lease. */
  readonly everywhere?: true;
  /** Returns how much it did; while that is above zero it is run again. */
  readonly run: () => Promise<number>;
  /** Receives the function that makes the job run soon, where something in this process knows when there is work. */
  readonly onWake?: (wake: () => void) => void;
  /** Makes the next run look for itself, where runs are spared while nothing was heard of: others may have written without a word. */
  readonly afresh?: () => void;
  /** Whether work waits for a run, in whatever process; asked where another process holds the job. */
  readonly waiting?: () => Promise<boolean>;
}

export interface Health {
  readonly ok: boolean;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

/** What a service answers to the gateway alone. Apart, the host asks for the gateway's signature; in one process nobody can reach it over HTTP. */
export interface InternalRoute {
  readonly path: string;
  /** The JSON that was asked with -> the JSON to answer with. */
  readonly answer: (question: unknown) => Promise<unknown>;
}

/** A service as its host sees it. `Schema` is the subgraph of packages/graphql. */
export interface Service<Schema = unknown> {
  readonly name: string;
  readonly schema: Schema;
  readonly routes: readonly Route[];
  readonly internal?: readonly InternalRoute[];
  readonly handlers: readonly ConsumerSpec[];
  readonly timers: readonly TimerSpec[];
  readonly jobs: readonly Job[];
  /** Builds every index of the service's database; safe to repeat. */
  readonly indexes: () => Promise<void>;
  readonly health: () => Promise<Health>;
  readonly close: () => Promise<void>;
}
