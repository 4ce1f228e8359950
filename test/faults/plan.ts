import { type FaultPointName } from "@greentick/kernel";
import { type Dice } from "./dice.js";

/** What is done to the platform while it works. */
export type Fault =
  | { readonly kind: "point"; readonly point: FaultPointName; readonly times: number }
  | { readonly kind: "kill"; readonly afterAcks: number }
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "flood"; readonly requests: number }
  | { readonly kind: "half-open"; readonly sockets: number }
  | { readonly kind: "none" };

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
] as const satisfies readonly FaultPointName[];
/** Points that only runs pass in which something else is done beside the traffic, or that are passed seldom. */
const seldom = ["replay.published", "release.published", "outbox.published", "meter.sent"] as const;

const others = ["kill", "stall", "flood", "half-open", "none"] as const;
const rotation = [...usual, ...others, ...seldom];

/** The fault of a run: all kinds in turn, at a place that the dice say. */
export function faultOf(run: number, dice: Dice): Fault {
  const kind = rotation[run % rotation.length] ?? "none";
  if (kind === "kill") return { kind, afterAcks: dice.upTo(20) };
  if (kind === "stall") return { kind, ms: 200 + dice.upTo(1_500) };
  if (kind === "flood") return { kind, requests: 200 + dice.upTo(200) };
  if (kind === "half-open") return { kind, sockets: 20 + dice.upTo(30) };
  if (kind === "none") return { kind };
  const often = (usual as readonly string[]).includes(kind);
  return { kind: "point", point: kind, times: often ? 1 + dice.upTo(3) : 1 };
}

/** In words, for whoever has to find out what happened. */
export function inWords(fault: Fault): string {
  if (fault.kind === "point") return `killed at ${fault.point}, the ${fault.times}. time`;
  if (fault.kind === "kill") return `killed after ${fault.afterAcks} acknowledgements`;
  if (fault.kind === "stall") return `the store stands still for ${fault.ms} ms`;
  if (fault.kind === "flood") return `${fault.requests} requests of strangers at once`;
  if (fault.kind === "half-open") return `${fault.sockets} connections that never end their request`;
  return "nothing";
}
