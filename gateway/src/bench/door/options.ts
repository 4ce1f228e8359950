/** The parts of the measurement, in the order in which they run. */
export const doorParts = ["acks", "cpu", "latency", "lag", "neighbours", "overload", "kill", "growth"] as const;
export type DoorPart = (typeof doorParts)[number];

export interface DoorOptions {
  readonly parts: readonly DoorPart[];
  /** Alternating rounds of the door and its anchors. */
  readonly rounds: number;
  /** Of one side in one round. */
  readonly roundMs: number;
  /** Webhooks stored, at which the cost of one more is measured. */
  readonly sizes: readonly number[];
}

export const usualDoorOptions: DoorOptions = {
  parts: doorParts,
  rounds: 5,
  roundMs: 2_000,
  sizes: [10_000, 100_000],
};

/** Where a round leaves a long backlog behind, three of them have to do. */
export const fewRounds = 3;

/**
 * A rate that holds on, whatever the machine takes. It is measured for at least so long: of a short round the first moments, in which work ends that had
 * begun before, are the slowest percent.
 */
export const steady = { perSecond: 2_000, leastMs: 10_000 };

/** Meta's webhooks are about 1.5 KB; so many connections share the load. */
export const connections = 32;
