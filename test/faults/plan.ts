import { dayMs, type FaultPointName, hourMs, minuteMs } from "@greentick/kernel";
import { type Dice } from "./dice.js";
import { type Trouble } from "./fault-proxy.js";

/** What else goes wrong when the platform dies at a point. */
export interface Fall {
  /** The store is killed with it. */
  readonly withStore: boolean;
  /** The next life is killed at this point while it recovers: `<point>:<n>`. */
  readonly again: string | undefined;
  /** The next life begins before the dead one's leases are over. */
  readonly hurries: boolean;
}

/** The broker is killed and comes back, with what it had or with nothing. */
export const brokerFaults = ["broker-kill", "broker-emptied"] as const;
type BrokerFault = (typeof brokerFaults)[number];

/** What is done to the platform while it works. */
export type Fault =
  | { readonly kind: "point"; readonly point: FaultPointName; readonly times: number; readonly fall: Fall }
  | { readonly kind: "kill-platform" | "kill-both"; readonly afterAcks: number; readonly fall: Fall }
  | { readonly kind: "kill-store" | BrokerFault; readonly afterAcks: number; readonly ms: number }
  | { readonly kind: "stall" | "disk-full" | "flush-error"; readonly ms: number }
  | { readonly kind: Trouble["kind"]; readonly trouble: Trouble; readonly ms: number }
  | { readonly kind: "clock"; readonly aheadMs: number }
  | { readonly kind: "flood"; readonly requests: number }
  | { readonly kind: "half-open" | "slow-loris"; readonly sockets: number }
  | { readonly kind: "duplicates"; readonly times: number }
  | { readonly kind: "replay"; readonly after: "at once" | "a restart" | "eight days" }
  | { readonly kind: "reordered" | "stripe" | "forged" | "none" };

/** Points that every run's traffic passes. */
const usual = [
  "door.read",
  "door.verified",
  "door.kept",
  "door.answered",
  "splitter.opened",
  "splitter.held",
  "splitter.published",
  "splitter.marked",
  "bus.handled",
  "publisher.kept",
  "deliverer.sent",
  "billing.facts-kept",
  "billing.entries-kept",
  "billing.windows-marked",
  "billing.spending-written",
] as const satisfies readonly FaultPointName[];
/** Points that only runs pass in which something else is done beside the traffic. */
const seldom = [
  "replay.published",
  "release.published",
  "outbox.published",
  "meter.sent",
] as const satisfies readonly FaultPointName[];
const troubles = ["slow", "drip", "reset", "cut-before", "cut-after", "black-hole", "refuse"] as const;
const others = [
  ...(["kill-platform", "kill-store", "kill-both", "replay", "stall"] as const),
  ...(["duplicates", "reordered", "clock", "stripe"] as const),
  ...brokerFaults,
  ...(["disk-full", "flush-error", "flood", "half-open", "slow-loris", "forged", "none"] as const),
];

export type FaultName = (typeof usual | typeof seldom | typeof troubles | typeof others)[number];
/** All kinds, in the order in which they take turns. */
export const faultNames: readonly FaultName[] = [...usual, ...seldom, ...others, ...troubles];

const isIn = <T extends string>(some: readonly T[], name: string): name is T =>
  (some as readonly string[]).includes(name);

/** The fault of a run: the kinds in turn, at a place that the dice say. */
export function faultOf(run: number, dice: Dice, names: readonly FaultName[] = faultNames): Fault {
  const name = names[run % names.length] ?? "none";
  if (isIn(usual, name)) return { kind: "point", point: name, times: 1 + dice.upTo(3), fall: fallOf(dice) };
  if (isIn(seldom, name)) return { kind: "point", point: name, times: 1, fall: fallOf(dice) };
  if (isIn(troubles, name)) return { kind: name, trouble: troubleOf(name, dice), ms: 100 + dice.upTo(700) };
  return otherOf(name, dice);
}

const fallOf = (dice: Dice): Fall => ({
  withStore: dice.chance(0.3),
  again: dice.chance(0.2) ? `${dice.oneOf(usual)}:1` : undefined,
  hurries: dice.chance(0.2),
});

function troubleOf(kind: Trouble["kind"], dice: Dice): Trouble {
  if (kind === "slow") return { kind, ms: dice.oneOf([5, 50, 150]) };
  if (kind === "drip") return { kind, bytes: 100 + dice.upTo(900) };
  if (kind === "reset") return { kind, bytes: dice.upTo(20_000) };
  return { kind };
}

const jumps = [-2 * dayMs, -hourMs, -5 * minuteMs, 5 * minuteMs, hourMs, 2 * dayMs] as const;

function otherOf(kind: (typeof others)[number], dice: Dice): Fault {
  if (kind === "kill-platform" || kind === "kill-both")
    return { kind, afterAcks: 1 + dice.upTo(10), fall: { ...fallOf(dice), withStore: kind === "kill-both" } };
  if (kind === "kill-store" || isIn(brokerFaults, kind))
    return { kind, afterAcks: 1 + dice.upTo(10), ms: dice.upTo(400) };
  if (kind === "stall") return { kind, ms: 100 + dice.upTo(900) };
  if (kind === "disk-full" || kind === "flush-error") return { kind, ms: 100 + dice.upTo(400) };
  if (kind === "clock") return { kind, aheadMs: dice.oneOf(jumps) };
  if (kind === "flood") return { kind, requests: 100 + dice.upTo(200) };
  if (kind === "half-open" || kind === "slow-loris") return { kind, sockets: 20 + dice.upTo(30) };
  if (kind === "duplicates") return { kind, times: dice.oneOf([2, 10, 50]) };
  if (kind === "replay") return { kind, after: dice.oneOf(["at once", "a restart", "eight days"]) };
  return { kind };
}

/** In words, for whoever has to find out what happened. */
export function inWords(fault: Fault): string {
  if (fault.kind === "point") return `killed at ${fault.point}, time ${fault.times}${fallInWords(fault.fall)}`;
  const { kind, ...more } = fault;
  const fall = "fall" in fault ? fallInWords(fault.fall) : "";
  const rest = Object.entries({ ...more, fall: undefined, trouble: undefined }).filter(
    ([, value]) => value !== undefined,
  );
  const trouble = "trouble" in fault ? Object.entries(fault.trouble).slice(1) : [];
  return [kind, ...[...rest, ...trouble].map(([name, value]) => `${name} ${String(value)}`)].join(", ") + fall;
}

const fallInWords = ({ withStore, again, hurries }: Fall): string =>
  [
    ...(withStore ? [", with its store"] : []),
    ...(again === undefined ? [] : [`, then at ${again} while it recovers`]),
    ...(hurries ? [", and starts again at once"] : []),
  ].join("");
