import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { badInput, type Call, isId, type TenantId } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver } from "type-graphql";
import { deadLetterReasons } from "../../domain/dead-letter.js";
import { type DoorTask as Task, type ReplayMode, type TaskRange } from "../../domain/door-task.js";
import { quarantineReasons, type QuarantinedUpdate, type QuarantineReason } from "../../domain/quarantine.js";
import { type UnknownUpdate } from "../../domain/unknown-update.js";
import { type QuarantineFilter } from "../../ports.js";
import { type Page, type PageRequest, type Slice } from "../../ports/paging.js";
import { type LetterFilter, type ShownDeadLetter } from "../../ports/tasks.js";
import {
  DeadLetterArgs,
  DeadLetterConnection,
  DoorTask,
  DoorTaskConnection,
  DoorTaskPayload,
  QuarantineArgs,
  QuarantinedWebhookUpdateConnection,
  RedeliverDeadLettersInput,
  ReplayWebhooksInput,
  StopDoorTaskInput,
  UnknownUpdatesArgs,
  type UnknownWebhookUpdate,
  UnknownWebhookUpdateConnection,
} from "./door.types.js";
import { type SliceType, toSlice } from "./slice.types.js";
import { type DeadLetter, type QuarantinedWebhookUpdate, WebhookDoor } from "./webhook.types.js";

export interface DoorVerbs {
  readonly readQuarantine: (
    call: Call,
    filter: QuarantineFilter,
    page: PageRequest,
  ) => Promise<Page<QuarantinedUpdate>>;
  readonly readUnknown: (call: Call, filter: { field?: string }, page: PageRequest) => Promise<Page<UnknownUpdate>>;
  readonly readDeadLetters: (call: Call, filter: LetterFilter, page: PageRequest) => Promise<Slice<ShownDeadLetter>>;
  readonly replay: (
    call: Call,
    input: { readonly mode: ReplayMode; readonly range: TaskRange; readonly reason: string },
  ) => Promise<Task>;
  readonly redeliverAll: (call: Call, input: { readonly range: TaskRange; readonly reason: string }) => Promise<Task>;
  readonly stopTask: (call: Call, id: string) => Promise<Task>;
  readonly readTask: (call: Call, id: string) => Promise<Task>;
  readonly readTasks: (call: Call, page: PageRequest) => Promise<Page<Task>>;
}

export const toDeadLetter = (one: ShownDeadLetter): DeadLetter => ({
  ...one,
  explanation: deadLetterReasons[one.reason],
});
const toQuarantined = (one: QuarantinedUpdate): QuarantinedWebhookUpdate => ({
  ...one,
  explanation: quarantineReasons[one.reason],
});
const toTask = (task: Task): DoorTask => ({
  ...task,
  kinds: [...task.kinds],
  differences: [...task.differences],
});

/** @throws BAD_USER_INPUT naming the field and the words it takes. */
function wordIn<W extends string>(field: string, words: readonly W[], text: string): W {
  const word = words.find((one) => one === text);
  if (word === undefined) throw badInput(field, `is one of ${words.join(", ")}`);
  return word;
}

const given = <K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> =>
  value == null ? {} : ({ [key]: value } as Record<K, V>);

function tenantOf(id: string | null | undefined): { readonly tenantId?: TenantId } {
  if (id == null) return {};
  if (!isId("tenant", id)) throw badInput("tenantId", "is no tenant's id");
  return { tenantId: id };
}

@Resolver(() => WebhookDoor)
export class DoorResolver {
  constructor(private readonly use: DoorVerbs) {}

  @Requires("webhook:operate")
  @FieldResolver(() => QuarantinedWebhookUpdateConnection, {
    description: "Updates that could not be routed, the longest waiting first.",
  })
  async quarantined(@Ctx() call: Call, @Args() args: QuarantineArgs): Promise<Connection<QuarantinedWebhookUpdate>> {
    const reasons = Object.keys(quarantineReasons) as QuarantineReason[];
    const filter = args.reason == null ? {} : { reason: wordIn("reason", reasons, args.reason) };
    return toConnection(await this.use.readQuarantine(call, filter, pageOf(args)), toQuarantined);
  }

  @Requires("webhook:operate")
  @FieldResolver(() => UnknownWebhookUpdateConnection, {
    description: "Updates that no service reads yet, oldest first; as long as their bodies are kept.",
  })
  async unknownUpdates(@Ctx() call: Call, @Args() args: UnknownUpdatesArgs): Promise<Connection<UnknownWebhookUpdate>> {
    return toConnection(await this.use.readUnknown(call, given("field", args.field), pageOf(args)), (one) => one);
  }

  @Requires("webhook:operate")
  @FieldResolver(() => DeadLetterConnection, { description: "Events that a consumer gave up on, oldest first." })
  async deadLetters(@Ctx() call: Call, @Args() args: DeadLetterArgs): Promise<SliceType<DeadLetter>> {
    const reasons = Object.keys(deadLetterReasons) as (keyof typeof deadLetterReasons)[];
    const filter = {
      ...given("consumer", args.consumer),
      ...(args.reason == null ? {} : { reason: wordIn("reason", reasons, args.reason) }),
    };
    return toSlice(await this.use.readDeadLetters(call, filter, pageOf(args)), toDeadLetter);
  }

  @Requires("webhook:operate")
  @Query(() => DoorTask, {
    description: "A replay or redelivery, with how far it came. Fails with NOT_FOUND/door_task_not_found.",
  })
  async doorTask(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<DoorTask> {
    return toTask(await this.use.readTask(call, id));
  }

  @Requires("webhook:operate")
  @Query(() => DoorTaskConnection, { description: "Replays and redeliveries, newest first." })
  async doorTasks(@Ctx() call: Call, @Args() args: PageArgs): Promise<Connection<DoorTask>> {
    return toConnection(await this.use.readTasks(call, pageOf(args)), toTask);
  }

  @Requires("webhook:operate")
  @Mutation(() => DoorTaskPayload, {
    description:
      "Begins to read kept bodies of a time, or of these ids, again with the code as it is now, and tells what would be different or hands it on. Fails with BAD_USER_INPUT for a range without a beginning and without ids.",
  })
  async replayWebhooks(
    @Arg("input", () => ReplayWebhooksInput) input: ReplayWebhooksInput,
    @Ctx() call: Call,
  ): Promise<DoorTaskPayload> {
    const { reason, tenantId, from, until, ids } = input;
    const range = { ...given("from", from), ...given("until", until), ...given("ids", ids), ...tenantOf(tenantId) };
    return { task: toTask(await this.use.replay(call, { mode: input.mode, range, reason })) };
  }

  @Requires("webhook:operate")
  @Mutation(() => DoorTaskPayload, {
    description:
      "Begins to hand dead letters of a consumer, of a time, or of these ids to their consumers again, each once. Fails with BAD_USER_INPUT when none of these is given.",
  })
  async redeliverDeadLetters(
    @Arg("input", () => RedeliverDeadLettersInput) input: RedeliverDeadLettersInput,
    @Ctx() call: Call,
  ): Promise<DoorTaskPayload> {
    const { reason, from, until, ids, consumer } = input;
    const range = {
      ...given("from", from),
      ...given("until", until),
      ...given("ids", ids),
      ...given("consumer", consumer),
    };
    return { task: toTask(await this.use.redeliverAll(call, { range, reason })) };
  }

  @Requires("webhook:operate")
  @Mutation(() => DoorTaskPayload, {
    description:
      "Ends a replay or redelivery before its time; what it handed on stays handed on. Fails with NOT_FOUND/door_task_not_found, CONFLICT/door_task_ended.",
  })
  async stopDoorTask(
    @Arg("input", () => StopDoorTaskInput) input: StopDoorTaskInput,
    @Ctx() call: Call,
  ): Promise<DoorTaskPayload> {
    return { task: toTask(await this.use.stopTask(call, input.taskId)) };
  }
}
