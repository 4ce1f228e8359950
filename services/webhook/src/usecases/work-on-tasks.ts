import { AppError, type Call, systemScope } from "@greentick/kernel";
import { type DoorTask, type Part } from "../domain/door-task.js";
import { type WebhookPorts } from "../ports.js";
import { type TaskPorts, taskEnded } from "./open-tasks.js";
import { redeliverPart } from "./redeliver-part.js";
import { replayPart } from "./replay-part.js";
import { shadowPart } from "./shadow-replay.js";

const scope = systemScope("door-tasks");

export interface WorkPorts extends WebhookPorts, TaskPorts {
  /** The service's own call in the operator's tenant. */
  readonly callFor: (operator: Pick<DoorTask, "tenantId" | "ancestorIds" | "livemode">) => Call;
}

/**
 * Does one part of every task that runs, and keeps how far each came. A part that was done but not kept is done again: what it hands on has the same
 * ids, and its figures are counted once. Returns how many parts. @throws what a task met, after the others had their part.
 */
export const workOnTasks = (ports: WorkPorts) => async (): Promise<number> => {
  const running = await ports.tasks.running(scope);
  const failures: unknown[] = [];
  let done = 0;
  for (const task of running) {
    try {
      const part = await partOf(ports, task);
      if (part === "too early") continue;
      await keep(ports, part);
      done += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "tasks of the door met errors and are tried again");
  return done;
};

function partOf(ports: WorkPorts, task: DoorTask): Promise<Part | "too early"> {
  if (task.shadow !== undefined) return shadowPart(ports, task, task.shadow);
  return task.kind === "replay" ? replayPart(ports, task) : redeliverPart(ports, task);
}

async function keep(ports: WorkPorts, { task, ended }: Part): Promise<void> {
  const call = ports.callFor(task);
  const next: DoorTask = ended ? { ...task, status: "done", endedAt: ports.now() } : task;
  try {
    await ports.tasks.save(call, next, ended ? [taskEnded(next)] : []);
  } catch (error) {
    if (!(error instanceof AppError && error.reason === "version_conflict")) throw error;
    call.log.info({ taskId: task.id }, "task of the door was stopped while a part of it was done");
  }
}
