import { type FeedAnswer, type FeedQuestion, type PublishedKind } from "@greentick/contracts";
import { after, dayMs, hourMs } from "@greentick/kernel";
import { matching } from "../../domain/out/kinds.js";
import { type EventLog, type PlacedEvent } from "../../ports/outgoing.js";

export interface FeedPorts {
  readonly log: Pick<EventLog, "behind" | "placeOf" | "last" | "want" | "stirred">;
  readonly kinds: readonly PublishedKind[];
  readonly systemNow: () => Date;
}

/** Whoever comes back within this time finds everything that happened meanwhile. */
const wantedForMs = dayMs;
const atMost = 100;
/** Whoever is further behind reads the lists of the API instead. */
const mostBehind = 10_000;

const tooOld: FeedAnswer = {
  ok: false,
  refused: "too_old",
  message: `The event to go on behind is not kept any more, or more than ${mostBehind} came after it. Read the state from the API, then listen without Last-Event-ID.`,
};
const unknownKind: FeedAnswer = {
  ok: false,
  refused: "unknown_kind",
  message: "`kinds` names no kind of event; `eventKinds` lists them all.",
};

/** What somebody who listens is told next. */
export function feed(ports: FeedPorts): (question: FeedQuestion, gone: AbortSignal) => Promise<FeedAnswer> {
  const noteWanted = wanting(ports);
  return async (question, gone) => {
    const kinds = visible(ports.kinds, question);
    if (kinds === undefined) return unknownKind;
    const scope = { tenant: question.tenantId, ancestors: question.ancestorIds };
    await noteWanted(question);
    const last = await ports.log.last(scope);
    const place = await startOf(ports, question, last);
    if (place === undefined || last - place > mostBehind) return tooOld;
    const read = async (upTo: number): Promise<FeedAnswer & { ok: true }> =>
      answerOf(await ports.log.behind(scope, place, { kinds, atMost, upTo }), upTo);
    const now = await read(Math.max(last, place));
    if (now.events.length > 0 || question.waitMs === 0 || last > place) return now;
    await ports.log.stirred(question.tenantId, place, { ms: question.waitMs, gone });
    return gone.aborted ? now : read(Math.max(await ports.log.last(scope), place));
  };
}

/** Kinds that are asked for and that the listener may read; undefined when a pattern stands for nothing. */
function visible(
  published: readonly PublishedKind[],
  { kinds, permissions }: FeedQuestion,
): readonly string[] | undefined {
  const names = published.map(({ kind }) => kind);
  if (kinds.some((pattern) => matching([pattern], names).length === 0)) return undefined;
  const asked = new Set(matching(kinds, names));
  const held = new Set<string>(permissions);
  return [
    ...new Set(
      published.filter(({ kind, permission }) => asked.has(kind) && held.has(permission)).map(({ kind }) => kind),
    ),
  ];
}

async function startOf(
  { log }: FeedPorts,
  { tenantId, ancestorIds, afterId, afterPlace }: FeedQuestion,
  last: number,
): Promise<number | undefined> {
  if (afterPlace !== undefined) return afterPlace;
  if (afterId === undefined) return last;
  const place = await log.placeOf({ tenant: tenantId, ancestors: ancestorIds }, afterId);
  return place === 0 ? undefined : place;
}

function answerOf(events: readonly PlacedEvent[], upTo: number): FeedAnswer & { ok: true } {
  const end = events.length === atMost ? (events.at(-1)?.place ?? upTo) : upTo;
  return {
    ok: true,
    place: end,
    events: events.map(({ id, kind, bodies }) => ({ id, kind, body: newest(bodies) })),
  };
}

const newest = (bodies: PlacedEvent["bodies"]): string => bodies[Math.max(...Object.keys(bodies).map(Number))] ?? "";

const mostRemembered = 10_000;

/** Written once an hour for each tenant at most, by each process. */
function wanting({ log, systemNow }: FeedPorts): (question: FeedQuestion) => Promise<void> {
  const noted = new Map<string, number>();
  return async ({ tenantId, ancestorIds, livemode }) => {
    const now = systemNow();
    const before = noted.get(tenantId);
    if (before !== undefined && now.getTime() - before < hourMs) return;
    await log.want({ system: "event-publishing" }, { tenantId, ancestorIds, livemode }, after(now, wantedForMs));
    if (noted.size >= mostRemembered) noted.clear();
    noted.set(tenantId, now.getTime());
  };
}
