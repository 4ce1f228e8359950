import { aggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type DoorTask, taskNotFound } from "../../domain/door-task.js";
import { type DoorTasks } from "../../ports/tasks.js";

const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;
const count = { type: Number, required: true } as const;
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });

export const taskCollection = "door_tasks";

const range = part({
  from: Date,
  until: Date,
  ids: { type: [String], default: undefined },
  tenantId: String,
  consumer: String,
});
const kind = part({ kind: text, same: count, changed: count, added: count, missing: count, held: count });

/** What the store gives back for what is not there is left out. */
const withoutNothing = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));

export function mongoDoorTasks(database: Database): DoorTasks & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<DoorTask>({
    database,
    collection: taskCollection,
    kind: "door_task",
    schemaVersion: 1,
    state: {
      kind: text,
      mode: text,
      range: { type: range, required: true },
      reason: text,
      status: text,
      openedBy: text,
      openedAt: instant,
      endedAt: Date,
      cursor: String,
      total: Number,
      done: count,
      handedOn: count,
      left: count,
      waiting: count,
      kinds: [kind],
      shadow: Schema.Types.Mixed,
      differences: [part({ updateId: text, comparison: text })],
    },
    indexes: [{ on: ["status"], acrossTenants: true, name: "status" }],
    notFound: taskNotFound,
    fromRow: (row) =>
      ({ ...withoutNothing(row), range: withoutNothing(row["range"] as object) }) as unknown as DoorTask,
  });
  return {
    get: rows.get,
    list: (scope, page) => rows.list(scope, page),
    running: async (scope) => {
      const found = await rows.findAll(scope, { status: "running" });
      return found.toSorted((a, b) => a.openedAt.getTime() - b.openedAt.getTime() || (a.id < b.id ? -1 : 1));
    },
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}
