import { ms, type Outcome, rounded } from "../bench.js";
import { type AtSize } from "./growth.js";
import { type Lag, type Latency } from "./latency.js";
import { type Neighbour, type Neighbours, type Times } from "./neighbours.js";
import { type DoorOptions, steady } from "./options.js";
import { type Acks, type Cpu, type Ratio } from "./throughput.js";
import { type Kill, type Overload } from "./trouble.js";

/** What was measured; absent for parts that were left out. */
export interface DoorFigures {
  readonly acks?: Acks;
  readonly cpu?: Cpu;
  readonly latency?: readonly Latency[];
  readonly lag?: Lag;
  /** Beside floods of several sizes. */
  readonly neighbours?: readonly Neighbours[];
  readonly overload?: Overload;
  readonly kill?: Kill;
  readonly growth?: readonly AtSize[];
}

type Rows = readonly (readonly [string, string])[];

const times = ({ median, min, max }: Ratio): string => `${rounded(median)} × (${rounded(min)}–${rounded(max)})`;
const rate = (value: number): string => `${Math.round(value)}/s`;
const pair = ({ p50, p99 }: Times): string => `${ms(p50)} / ${ms(p99)}`;
const percent = (share: number): string => `${rounded(share * 100)} %`;

const ackRows = (acks: Acks): Rows => [
  ["acknowledged, everything behind the door at work", `${rate(acks.doorPerSecond)}, p99 ${ms(acks.p99)}`],
  ["… against the anchor that flushes a file", `${times(acks.ratio)} of ${rate(acks.anchorPerSecond)}`],
  ["… worked off to the ledger", rate(acks.ledgerPerSecond)],
  ["… memory of the platform's process", `${Math.round(acks.rssMiB)} MiB`],
];

const cpuRows = (cpu: Cpu): Rows => [
  ["CPU of the platform up to the answer", `${Math.round(cpu.doorUs)} µs = ${times(cpu.timesRaw)} raw node:http`],
  ["… raw, and the anchor that flushes", `${Math.round(cpu.rawUs)} µs, ${Math.round(cpu.groupUs)} µs`],
  ["… acknowledged while nothing is handed on", `${rate(cpu.doorPerSecond)}, ${times(cpu.ratio)} the anchor`],
  ["CPU of the platform to the ledger", `${Math.round(cpu.wholeUs)} µs`],
  ["from the log to the ledger, nothing else to do", rate(cpu.ledgerPerSecond)],
];

const latencyRows = (all: readonly Latency[]): Rows =>
  all.map((one) => [
    `acknowledgement at ${rate(one.perSecond)}, p50 / p99`,
    `${pair(one)}; ${times(one.timesRawP50)} / ${times(one.timesRawP99)} raw`,
  ]);

const lagRows = (lag: Lag): Rows => [[`acknowledgement to ledger at ${rate(lag.perSecond)}, p50 / p99`, pair(lag)]];

const neighbourRows = (word: string, one: Neighbour): Rows => [
  [`${word}: acknowledgement alone → beside the flood`, `${pair(one.ackAlone)} → ${pair(one.ackBeside)}`],
  ["… p99", `${rounded(one.ackP99Ratio)} ×, of ${one.webhooks.join(" and ")} webhooks`],
  [`${word}: to the ledger alone → beside the flood`, `${pair(one.lagAlone)} → ${pair(one.lagBeside)}`],
  ["… p99", `${rounded(one.lagP99Ratio)} ×`],
];

const overloadRows = (one: Overload, acks: Acks | undefined): Rows => [
  [
    `offered ${rate(one.offeredPerSecond)}, sent ${rate(one.sentPerSecond)}, p50 / p99`,
    `${rate(one.goodputPerSecond)} acknowledged${acks ? ` = ${rounded(one.goodputPerSecond / acks.doorPerSecond)} of its capacity` : ""}, ${pair(one)}`,
  ],
  ["… told to come again (503)", `${one.shed}, p99 ${ms(one.shedP99)}`],
  ["… memory grew by", `${Math.round(one.rssGrowthMiB)} MiB`],
];

const killRows = (one: Kill): Rows => [
  ["kill -9 at full load to the first acknowledgement", ms(one.gapMs)],
  ["… acknowledged, and not in the ledger", `${one.acknowledged}, ${one.missing}`],
  ["… worked off at", rate(one.drainedPerSecond)],
];

const growthRows = (all: readonly AtSize[]): Rows =>
  all.map((one) => [
    `beside ${one.stored} stored webhooks`,
    `${Math.round(one.cpuUs)} µs, ${rate(one.perSecond)} (anchor ${rate(one.anchorPerSecond)}), ledger ${rate(one.ledgerPerSecond)}`,
  ]);

const rowsOf = (found: DoorFigures): Rows => [
  ...(found.acks ? ackRows(found.acks) : []),
  ...(found.cpu ? cpuRows(found.cpu) : []),
  ...(found.latency ? latencyRows(found.latency) : []),
  ...(found.lag ? lagRows(found.lag) : []),
  ...(found.neighbours ?? []).flatMap(({ hotPerSecond, samePartition, otherPartition }) => [
    ...neighbourRows(`beside ${rate(hotPerSecond)}, same partition`, samePartition),
    ...neighbourRows(`beside ${rate(hotPerSecond)}, another partition`, otherPartition),
  ]),
  ...(found.overload ? overloadRows(found.overload, found.acks) : []),
  ...(found.kill ? killRows(found.kill) : []),
  ...(found.growth ? growthRows(found.growth) : []),
];

interface Bound {
  readonly holds: boolean;
  readonly sentence: string;
}

/** What must hold on any machine. */
function boundsOf({
  acks,
  cpu,
  latency = [],
  lag,
  neighbours = [],
  overload,
  kill,
  growth = [],
}: DoorFigures): readonly Bound[] {
  const late = Math.max(0, overload?.overSecond ?? 0, ...latency.map(({ overSecond }) => overSecond));
  const slow = Math.max(0, overload?.p50 ?? 0, ...latency.map(({ p50 }) => p50));
  const beside = neighbours.flatMap(({ samePartition, otherPartition }) => [samePartition, otherPartition]);
  const worst = Math.max(0, ...beside.map(({ lagP99Ratio }) => lagP99Ratio));
  const ackBeside = Math.max(0, ...beside.map((one) => one.ackBeside.p99));
  const goodput = overload && acks ? overload.goodputPerSecond / acks.doorPerSecond : 1;
  const lost = neighbours.reduce((sum, { missing }) => sum + missing, 0);
  const held = latency.find(({ perSecond }) => perSecond === steady.perSecond);
  const dearer = (growth.at(-1)?.cpuUs ?? 1) / (growth.at(0)?.cpuUs ?? 1);
  return [
    {
      holds: (acks?.ratio.median ?? 1) >= 0.25,
      sentence: `${times(acks?.ratio ?? none)} of the anchor's webhooks; at least 0.25.`,
    },
    {
      holds: (cpu?.timesRaw.median ?? 0) <= 6,
      sentence: `${times(cpu?.timesRaw ?? none)} the CPU of raw node:http; at most 6.`,
    },
    { holds: slow <= 250, sentence: `Half of the acknowledgements took ${ms(slow)}; Meta asks for 250 ms.` },
    {
      holds: late < 0.01,
      sentence: `${percent(late)} of the acknowledgements took longer than a second; Meta allows 1 %.`,
    },
    {
      holds: (lag?.p99 ?? 0) <= 5_000 && (lag?.missing ?? 0) === 0,
      sentence: `The ledger was ${ms(lag?.p99 ?? 0)} late (p99), ${lag?.missing ?? 0} entries did not come; at most 5 s.`,
    },
    {
      holds: worst <= 2,
      sentence: `A client that floods made a neighbour's p99 to the ledger ${rounded(worst)} times as long; at most twice.`,
    },
    {
      holds: ackBeside <= 250,
      sentence: `A neighbour's acknowledgements took ${ms(ackBeside)} (p99) beside the flood; Meta asks for 250 ms.`,
    },
    {
      holds: goodput >= 0.7,
      sentence: `Under twice its load the door took ${percent(goodput)} of what it takes; at least 70 %.`,
    },
    {
      holds: (kill?.gapMs ?? 0) <= 10_000,
      sentence: `After kill -9 nothing was acknowledged for ${ms(kill?.gapMs ?? 0)}; at most 10 s.`,
    },
    {
      holds: (kill?.missing ?? 0) === 0,
      sentence: `${kill?.acknowledged ?? 0} webhooks were acknowledged around the kill, ${kill?.missing ?? 0} are not in the ledger.`,
    },
    {
      holds: lost === 0,
      sentence: `${lost} of the neighbours' webhooks are not in the ledger a minute later.`,
    },
    {
      holds: Math.max(held?.timesRawP50.median ?? 0, held?.timesRawP99.median ?? 0) <= 8,
      sentence: `At ${steady.perSecond} a second acknowledgements took ${times(held?.timesRawP50 ?? none)} (p50) and ${times(held?.timesRawP99 ?? none)} (p99) of raw; at most 8.`,
    },
    {
      holds: (overload?.rssGrowthMiB ?? 0) <= 64,
      sentence: `Under twice its load the platform grew by ${Math.round(overload?.rssGrowthMiB ?? 0)} MiB; at most 64.`,
    },
    {
      holds: dearer <= 1.25,
      sentence: `A webhook costs ${rounded(dearer)} times as much beside the most stored ones as beside the fewest; at most 1.25.`,
    },
  ];
}

const none: Ratio = { median: 0, min: 0, max: 0 };

const how = ({ rounds, roundMs }: DoorOptions): string =>
  `Webhooks of about 1.5 KB with the three statuses of one message, signed, each another one, of three clients; the store, the platform, the anchors and
those that post are processes of their own on this machine, so all of their work is in the figures. ${rounds} rounds of ${roundMs / 1_000} s for each side (at ${steady.perSecond} a second of at least ${steady.leastMs / 1_000} s), in turn:
medians, worst and best. Anchors: bare node:http that reads JSON, and one that checks the signature, reads JSON and flushes a file for all who wait.`;

export function outcomeOf(found: DoorFigures, options: DoorOptions): Outcome {
  return {
    figures: { ...found, options },
    how: how(options),
    rows: rowsOf(found),
    broken: boundsOf(found).flatMap(({ holds, sentence }) => (holds ? [] : [sentence])),
  };
}
