import { doorTaskEnded, doorTaskOpened, event } from "@greentick/contracts";
import { AppError, badInput, type Call, type DomainEvent, systemScope, tenantScope } from "@greentick/kernel";
import { type DoorTask, mostIds, type ReplayMode, stopTask, type TaskRange } from "../domain/door-task.js";
import { parseUpdateId } from "../domain/kept-body.js";
import { type RangeOfBodies, type WebhookPorts } from "../ports.js";
import { type Page, type PageRequest } from "../ports/paging.js";
import { type DeadLetterBox, type DoorTasks } from "../ports/tasks.js";
import { operate } from "./read-update.js";

const scope = systemScope("door-tasks");

export interface TaskPorts extends Pick<WebhookPorts, "rawLog" | "now"> {
  readonly tasks: DoorTasks;
  readonly letters: DeadLetterBox;
  /** Wakes the job that works on tasks. */
  readonly wake: () => void;
}

export interface ReplayInput {
  readonly mode: ReplayMode;
  readonly range: TaskRange;
  readonly reason: string;
}

/**
 * Begins to read a range of kept bodies again with the code as it is now. Repeats under the same idempotency key begin nothing new.
 * @throws BAD_USER_INPUT for a range without bounds, without a reason, or with ids that name no body.
 */
export const replayWebhooks =
  (ports: TaskPorts) =>
  async (call: Call, input: ReplayInput): Promise<DoorTask> => {
    operate(call);
    const range = checkRange(input.range, input.range.ids?.map(bodyKey));
    const total = await ports.rawLog.countRange(scope, bodiesOf(range));
    return open(ports, call, { ...newTask(ports, call, { ...input, range }), kind: "replay", mode: input.mode, total });
  };

/** Begins to hand dead letters of a consumer, or of a time, to their consumers again: those that lie there now, each once. */
export const redeliverDeadLetters =
  (ports: TaskPorts) =>
  async (call: Call, input: Omit<ReplayInput, "mode">): Promise<DoorTask> => {
    operate(call);
    const range = checkRange(input.range, input.range.ids);
    return open(ports, call, {
      ...newTask(ports, call, { ...input, range }),
      kind: "redelivery",
      mode: "again",
      ...(range.ids && { total: range.ids.length }),
    });
  };

/** What was handed on stays; the task does nothing more. Stopping one that has ended fails with CONFLICT/door_task_ended. */
export const stopDoorTask =
  ({ tasks }: TaskPorts) =>
  async (call: Call, id: string): Promise<DoorTask> => {
    operate(call);
    const stopped = stopTask(await tasks.get(tenantScope(call), id), call.systemNow());
    return tasks.save(call, stopped, [taskEnded(stopped)]);
  };

export const readDoorTask =
  ({ tasks }: TaskPorts) =>
  async (call: Call, id: string): Promise<DoorTask> => {
    operate(call);
    return tasks.get(tenantScope(call), id);
  };

/** Newest first. */
export const readDoorTasks =
  ({ tasks }: TaskPorts) =>
  async (call: Call, page: PageRequest): Promise<Page<DoorTask>> => {
    operate(call);
    return tasks.list(tenantScope(call), page);
  };

export const bodiesOf = ({ from, until, ids, tenantId }: TaskRange): Omit<RangeOfBodies, "after"> => ({
  ...(from && { from }),
  ...(until && { until }),
  ...(ids && { keys: ids }),
  ...(tenantId && { tenantId }),
});

const countedOf = ({ total, done, handedOn, left, waiting, kinds }: DoorTask): string =>
  JSON.stringify({ total, done, handedOn, left, waiting, kinds });

export const taskEnded = (task: DoorTask): DomainEvent =>
  event(
    doorTaskEnded,
    {
      ...{ taskId: task.id, kind: task.kind, mode: task.mode, status: task.status, counted: countedOf(task) },
      ...(task.shadow && { replayId: task.shadow.replayId }),
    },
    { reason: task.reason, partitionKey: task.tenantId },
  );

/** Keeps it with its event and wakes the work. A repeat under the same idempotency key gives the first one. */
export async function open(ports: TaskPorts, call: Call, task: DoorTask): Promise<DoorTask> {
  const { kind, mode, range, reason } = task;
  const told = event(
    doorTaskOpened,
    { taskId: task.id, kind, mode, range: JSON.stringify({ ...range, ...(range.ids && { ids: range.ids.length }) }) },
    { reason, partitionKey: task.tenantId },
  );
  const mutation = task.shadow ? "requestReplay" : kind === "replay" ? "replayWebhooks" : "redeliverDeadLetters";
  const opened = await ports.tasks.insert(call, task, [told], { mutation, input: { mode, range, reason } });
  ports.wake();
  call.log.info({ taskId: opened.id, kind, mode }, "task of the door opened");
  return opened;
}

export function newTask(
  ports: TaskPorts,
  call: Call,
  { range, reason }: Omit<ReplayInput, "mode">,
): Omit<DoorTask, "kind" | "mode" | "total"> {
  if (reason.trim() === "") throw badInput("reason", "has to say why, for the audit trail");
  return {
    id: call.newId("doorTask"),
    tenantId: call.tenantId,
    ancestorIds: call.ancestorIds,
    livemode: call.livemode,
    version: 0,
    range,
    reason: reason.trim(),
    status: "running",
    openedBy: call.actor.id,
    openedAt: ports.now(),
    done: 0,
    handedOn: 0,
    left: 0,
    waiting: 0,
    kinds: [],
    differences: [],
  };
}

/** Names of bodies and of updates both mean the body. */
function bodyKey(id: string): string {
  const key = parseUpdateId(id)?.key ?? id;
  if (!/^([0-9a-f]{64}|stripe:[\w-]{1,255})$/.test(key))
    throw badInput("ids", "holds ids of webhook updates, or SHA-256 of bodies");
  return key;
}

/** A range names something: everything at once is asked for by its times. */
function checkRange(range: TaskRange, ids: readonly string[] | undefined): TaskRange {
  const { from, until, consumer } = range;
  if (from === undefined && consumer === undefined && ids === undefined)
    throw badInput("from", "is missing: give a beginning, or name what is meant by ids");
  if (from !== undefined && until !== undefined && from >= until) throw badInput("until", "has to be later than from");
  if (ids !== undefined && (ids.length === 0 || ids.length > mostIds))
    throw badInput("ids", `holds 1 to ${mostIds} ids, not ${ids.length}`);
  return { ...range, ...(ids && { ids: [...new Set(ids)] }) };
}

export const notLying = (id: string): AppError =>
  new AppError(
    "NOT_FOUND",
    "dead_letter_not_found",
    `No dead letter ${id}: it was handled already, or the id is not one of those that webhookDoor lists.`,
    { id },
  );
