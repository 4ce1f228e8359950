import { type EventEnvelope, faultPoint, systemScope } from "@greentick/kernel";
import {
  addKinds,
  type Comparison,
  type Difference,
  type DoorTask,
  type KindCount,
  mostDifferences,
  nothingCompared,
  type Part,
} from "../domain/door-task.js";
import { type ReplayedBody, type SplitBody, type WebhookPorts } from "../ports.js";
import { type CutUpdate, cutBody } from "./cut-body.js";
import { bodiesOf } from "./open-tasks.js";

const scope = systemScope("webhook-split");
const atOnce = { bodies: 100, bytes: 8_000_000 };

interface Compared {
  readonly update: CutUpdate;
  readonly comparison: Comparison;
}

/** Reads some more bodies of the range again, compares them with what was handed on of them, and hands on what the task's mode says. */
export async function replayPart(ports: WebhookPorts, task: DoorTask): Promise<Part> {
  const asked = { ...bodiesOf(task.range), ...(task.cursor !== undefined && { after: task.cursor }) };
  const bodies = await ports.rawLog.range(scope, asked, atOnce);
  const last = bodies.at(-1);
  if (last === undefined) return { task, ended: true };
  const compared: Compared[] = [];
  const again: SplitBody[] = [];
  for (const body of bodies.filter(({ split }) => split)) {
    const cut = await cutBody(ports, scope, body);
    const updates = (cut?.updates ?? []).filter((one) => isMeant(task, one));
    const mine = await compareAll(ports, body, updates);
    compared.push(...mine);
    if (cut !== undefined && mine.some((one) => goesOn(task, one))) again.push(toldAgain(cut.split, body, task, mine));
  }
  const events = compared.flatMap((one) => (goesOn(task, one) ? (one.update.event ?? []) : []));
  await handOn(ports, events, again);
  return {
    ended: false,
    task: {
      ...task,
      cursor: last.place,
      done: task.done + bodies.length,
      handedOn: task.handedOn + events.length,
      waiting: task.waiting + bodies.filter(({ split }) => !split).length,
      kinds: addKinds(task.kinds, kindsOf(compared)),
      differences: [...task.differences, ...differencesOf(compared)].slice(0, mostDifferences),
    },
  };
}

async function handOn(
  ports: WebhookPorts,
  events: readonly EventEnvelope[],
  again: readonly SplitBody[],
): Promise<void> {
  if (events.length === 0) return;
  await ports.publish(events, { again: true });
  await faultPoint("replay.published");
  await ports.rawLog.markSplit(scope, again);
  await ports.quarantine.release(
    scope,
    again.flatMap(({ key, told }) => told.flatMap((hash, index) => (hash === "" ? [] : `${key}:${String(index)}`))),
    ports.now(),
  );
}

const isMeant = ({ range }: DoorTask, { owner }: CutUpdate): boolean =>
  range.tenantId === undefined || owner?.tenantId === range.tenantId;

const goesOn = ({ mode }: DoorTask, { comparison, update }: Compared): boolean =>
  update.event !== undefined && (mode === "all" || (mode === "missing" && comparison === "added"));

/** What was released from quarantine was handed on without being noted with the body. */
async function compareAll(
  ports: WebhookPorts,
  body: ReplayedBody,
  updates: readonly CutUpdate[],
): Promise<readonly Compared[]> {
  const unnoted = updates.filter(({ index }) => (body.told[index] ?? "") === "").map(({ id }) => id);
  const released = unnoted.length === 0 ? new Set<string>() : await ports.quarantine.released(scope, unnoted);
  return updates.map((update) => ({
    update,
    comparison: released.has(update.id) ? "same" : comparisonOf(body.told[update.index] ?? "", update.told),
  }));
}

function comparisonOf(before: string, now: string): Comparison {
  if (before === now) return now === "" ? "held" : "same";
  if (before === "") return "added";
  return now === "" ? "missing" : "changed";
}

/** The body as it is remembered afterwards: what was not handed on again keeps what was noted of it. */
function toldAgain(split: SplitBody, body: ReplayedBody, task: DoorTask, compared: readonly Compared[]): SplitBody {
  const gone = new Set(compared.filter((one) => goesOn(task, one)).map(({ update }) => update.index));
  return { ...split, told: split.told.map((now, index) => (gone.has(index) ? now : (body.told[index] ?? ""))) };
}

function kindsOf(compared: readonly Compared[]): readonly KindCount[] {
  return addKinds(
    [],
    compared.map(({ update, comparison }) => {
      return { kind: update.event?.type ?? nameOf(update.field), ...nothingCompared, [comparison]: 1 };
    }),
  );
}

/** A field is whatever the sender wrote there: nothing at all, or more than a report can hold. */
const nameOf = (field: string): string => (field === "" ? "unnamed" : field.slice(0, 80));

const differencesOf = (compared: readonly Compared[]): readonly Difference[] =>
  compared
    .filter(({ comparison }) => comparison !== "same" && comparison !== "held")
    .slice(0, mostDifferences)
    .map(({ update, comparison }) => ({ updateId: update.id, comparison }));
