import { type DoorTask, type Part, type TaskRange } from "../domain/door-task.js";
import { type ShownDeadLetter } from "../ports/tasks.js";
import { type TaskPorts } from "./open-tasks.js";

/** Letters before how far a task came is kept. */
const atOnce = 50;

type Ports = Pick<TaskPorts, "letters">;

/**
 * Hands some more letters of the range to their consumers again. A letter that fails again lies there with a later time, behind all that were there when
 * the task was opened, so each is tried once.
 */
export async function redeliverPart(ports: Ports, task: DoorTask): Promise<Part> {
  const some =
    task.range.ids === undefined ? await behindCursor(ports, task) : await named(ports, task, task.range.ids);
  const counted = { handedOn: task.handedOn, left: task.left };
  for (const { id } of some.letters.filter((letter) => isMeant(task.range, letter))) {
    if (!(await ports.letters.redeliver(id))) continue;
    const left = await ports.letters.find(id);
    counted[left === undefined ? "handedOn" : "left"] += 1;
  }
  return { ended: some.ended, task: { ...task, ...counted, done: task.done + some.looked, cursor: some.cursor } };
}

interface Some {
  readonly letters: readonly ShownDeadLetter[];
  readonly looked: number;
  readonly cursor: string;
  readonly ended: boolean;
}

async function behindCursor({ letters }: Ports, task: DoorTask): Promise<Some> {
  const { consumer } = task.range;
  const after = placeOf(task.cursor) ?? beginningOf(task.range);
  const found = await letters.some(consumer === undefined ? {} : { consumer }, after);
  const old = found.filter(
    ({ at }) => at <= task.openedAt && (task.range.until === undefined || at < task.range.until),
  );
  const some = old.slice(0, atOnce);
  const last = some.at(-1);
  const cursor = last === undefined ? (task.cursor ?? "") : `${last.at.toISOString()}|${last.id}`;
  return { letters: some, looked: some.length, cursor, ended: some.length === 0 };
}

async function named({ letters }: Ports, task: DoorTask, ids: readonly string[]): Promise<Some> {
  const from = Number(task.cursor ?? "0");
  const asked = ids.slice(from, from + atOnce);
  const found = await Promise.all(asked.map((id) => letters.find(id)));
  const cursor = String(from + asked.length);
  return { letters: found.flatMap((one) => one ?? []), looked: asked.length, cursor, ended: asked.length === 0 };
}

const isMeant = ({ from, until, consumer }: TaskRange, letter: ShownDeadLetter): boolean =>
  (from === undefined || letter.at >= from) &&
  (until === undefined || letter.at < until) &&
  (consumer === undefined || letter.consumer === consumer);

/** Before every letter of that instant. */
const beginningOf = ({ from }: TaskRange): Pick<ShownDeadLetter, "id" | "at"> | undefined =>
  from && { at: from, id: "" };

function placeOf(cursor: string | undefined): Pick<ShownDeadLetter, "id" | "at"> | undefined {
  const [at, ...id] = (cursor ?? "").split("|");
  return at === undefined || at === "" ? undefined : { at: new Date(at), id: id.join("|") };
}
