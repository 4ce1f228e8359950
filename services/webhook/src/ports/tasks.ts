import { type Call, type DomainEvent, type Scope } from "@greentick/kernel";
import { type deadLetterReasons } from "../domain/dead-letter.js";
import { type DoorTask } from "../domain/door-task.js";
import { type Page, type PageRequest, type Slice } from "./paging.js";

/** What operators have done at the door, one document each. */
export interface DoorTasks {
  /** @throws NOT_FOUND/door_task_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<DoorTask>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest) => Promise<Page<DoorTask>>;
  /** Those that run, the one that was opened first in front. */
  readonly running: (scope: Scope) => Promise<readonly DoorTask[]>;
  readonly insert: (
    call: Call,
    task: DoorTask,
    ...what: [events: readonly DomainEvent[], once: { readonly mutation: string; readonly input: unknown }]
  ) => Promise<DoorTask>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, task: DoorTask, events: readonly DomainEvent[]) => Promise<DoorTask>;
}

/** An event that a consumer gave up on, or could not read yet, as an operator sees it. */
export interface ShownDeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly eventType: string;
  readonly tenantId: string;
  readonly livemode: boolean;
  readonly reason: keyof typeof deadLetterReasons;
  readonly tries: number;
  readonly error: string;
  readonly at: Date;
}

export interface LetterFilter {
  readonly consumer?: string;
  readonly reason?: keyof typeof deadLetterReasons;
}

/** How far a consumer of the bus is behind, over all its partitions. */
export interface ConsumerBehind {
  readonly consumer: string;
  /** Events that it has not passed yet. */
  readonly behind: number;
  /** False when no process runs it, so that nothing will move. */
  readonly running: boolean;
}

export interface DeadLetterBox {
  /** Oldest first. */
  readonly page: (filter: LetterFilter, page: PageRequest) => Promise<Slice<ShownDeadLetter>>;
  /** Some of them, oldest first, behind that place. */
  readonly some: (
    filter: LetterFilter,
    after?: Pick<ShownDeadLetter, "id" | "at">,
  ) => Promise<readonly ShownDeadLetter[]>;
  readonly find: (id: string) => Promise<ShownDeadLetter | undefined>;
  /** False when there is none of that id. A letter is in one hand at a time. */
  readonly redeliver: (id: string) => Promise<boolean>;
}
