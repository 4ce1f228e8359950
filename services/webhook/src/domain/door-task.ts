import { AppError, type TenantId } from "@greentick/kernel";

/** `inert` tells what would be different and does nothing; `missing` hands on what was not; `all` hands everything on again, under the same ids. */
export type ReplayMode = "inert" | "missing" | "all";
/** `shadow` hands the statuses of one client to a replay of the ledger, and to nobody else. */
export type DoorTaskMode = ReplayMode | "shadow" | "again";
export type DoorTaskStatus = "running" | "done" | "stopped";

/** What of the kept bodies, or of the dead letters, a task goes through. Instants are system time; `until` is not included. */
export interface TaskRange {
  readonly from?: Date;
  readonly until?: Date;
  /** Of a replay: keys of bodies. Of a redelivery: ids of letters. */
  readonly ids?: readonly string[];
  /** Of a replay: this tenant's updates alone. */
  readonly tenantId?: TenantId;
  /** Of a redelivery. */
  readonly consumer?: string;
}

/**
 * What became of the updates that were read again. `same`: handed on before as it would be now. `changed`: it would be said in other words now.
 * `added`: not handed on before, and would be now. `missing`: handed on before, and would not be now. `held`: neither.
 */
export const comparisons = ["same", "changed", "added", "missing", "held"] as const;
export type Comparison = (typeof comparisons)[number];
export type Compared = Readonly<Record<Comparison, number>>;
export interface KindCount extends Compared {
  /** Type of the event, or the field of what travels as none. */
  readonly kind: string;
}

export interface Difference {
  readonly updateId: string;
  readonly comparison: Comparison;
}

/** What a shadow task is for, and what it has counted. */
export interface ShadowWork {
  readonly replayId: string;
  /** Whose statuses. */
  readonly owner: Pick<DoorTask, "tenantId" | "ancestorIds" | "livemode">;
  readonly wabaId?: string;
  /** Handed on, each once. */
  readonly statuses: number;
  /** Updates about messages that say nothing: a person's erasure has blanked them, or nobody can read what was sent. */
  readonly blanked: number;
  /** Updates, or bodies as a whole, that wait in quarantine. */
  readonly held: number;
}

/** A long piece of an operator's work, done in parts, each of which is kept with its figures before the next one begins. */
export interface DoorTask {
  readonly id: string;
  /** The operator's. */
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly kind: "replay" | "redelivery";
  readonly mode: DoorTaskMode;
  readonly range: TaskRange;
  readonly reason: string;
  readonly status: DoorTaskStatus;
  readonly openedBy: string;
  /** System time. */
  readonly openedAt: Date;
  readonly endedAt?: Date;
  /** Behind the last body or letter that was gone through. */
  readonly cursor?: string;
  /** Bodies in the range when it was opened, or letters that were named; letters of a range are not counted beforehand. */
  readonly total?: number;
  readonly done: number;
  /** Events handed on, or letters handled. */
  readonly handedOn: number;
  /** Letters that still lay there right after: they failed again, or their consumer runs in another process, which takes them soon. */
  readonly left: number;
  /** Bodies of the range that were not cut yet when their turn came: they travel by themselves. */
  readonly waiting: number;
  readonly kinds: readonly KindCount[];
  /** The first hundred. */
  readonly differences: readonly Difference[];
  /** Of a task in mode `shadow`. */
  readonly shadow?: ShadowWork;
}

/** A task after one more part of it; `ended` when nothing is left. */
export interface Part {
  readonly task: DoorTask;
  readonly ended: boolean;
}

export const mostDifferences = 100;
export const mostIds = 1_000;
const mostKinds = 200;
const otherKinds = "others";

export const nothingCompared: Compared = { same: 0, changed: 0, added: 0, missing: 0, held: 0 };

/** The figures of one more part added to those so far; kinds stay in the order of their names. Whatever is sent, there are `mostKinds` at most. */
export function addKinds(so: readonly KindCount[], more: readonly KindCount[]): readonly KindCount[] {
  const sums = new Map(so.map((one) => [one.kind, one]));
  for (const one of more) {
    const kind = sums.has(one.kind) || sums.size < mostKinds - 1 ? one.kind : otherKinds;
    const was = sums.get(kind) ?? nothingCompared;
    const sum = Object.fromEntries(comparisons.map((word) => [word, was[word] + one[word]])) as unknown as Compared;
    sums.set(kind, { kind, ...sum });
  }
  return [...sums.values()].toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
}

/** @throws CONFLICT/door_task_ended. */
export function stopTask(task: DoorTask, now: Date): DoorTask {
  if (task.status !== "running")
    throw new AppError("CONFLICT", "door_task_ended", `The task ${task.id} is ${task.status} already.`, {
      taskId: task.id,
    });
  return { ...task, status: "stopped", endedAt: now };
}

export const taskNotFound = (id: string): AppError =>
  new AppError("NOT_FOUND", "door_task_not_found", `No task ${id} of the door.`, { taskId: id });
