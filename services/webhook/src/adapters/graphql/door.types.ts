import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Difference, type DoorTask as Task, type ReplayMode } from "../../domain/door-task.js";
import { sliceOf } from "./slice.types.js";
import { DeadLetter, QuarantinedWebhookUpdate, WebhookUpdate } from "./webhook.types.js";

const replayModes = { INERT: "inert", MISSING: "missing", ALL: "all" } as const;
registerEnumType(replayModes, {
  name: "ReplayMode",
  description:
    "INERT tells what would be different and does nothing. MISSING hands on what was not. ALL hands everything on again, under the same ids.",
});
const taskModes = { ...replayModes, SHADOW: "shadow", AGAIN: "again" } as const;
registerEnumType(taskModes, {
  name: "DoorTaskMode",
  description:
    "Of a replay its mode; SHADOW for one that hands statuses to a replay of the ledger alone; AGAIN for a redelivery.",
});
const taskKinds = { REPLAY: "replay", REDELIVERY: "redelivery" } as const;
registerEnumType(taskKinds, { name: "DoorTaskOf", description: "Of kept webhooks; of dead letters." });
const taskStatuses = { RUNNING: "running", DONE: "done", STOPPED: "stopped" } as const;
registerEnumType(taskStatuses, {
  name: "DoorTaskStatus",
  description: "It goes on by itself; all of its range was gone through; an operator ended it before.",
});
const differing = { CHANGED: "changed", ADDED: "added", MISSING: "missing" } as const;
registerEnumType(differing, {
  name: "ReplayDifference",
  description:
    "CHANGED: it would be said in other words. ADDED: it was not handed on and would be. MISSING: it was and would not be.",
});

@ObjectType({ description: "An update that no service reads yet. It is kept in its body like every other." })
export class UnknownWebhookUpdate {
  @Field(() => ID, { description: "Of the WebhookUpdate." })
  id!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => String, { description: "Meta's name of the webhook field." })
  field!: string;

  @Field(() => String, { description: "What our reader takes it for; `unknown` where it knows nothing of it." })
  kind!: string;

  @Field(() => DateTime, { description: "When its body became durable; system time." })
  at!: Date;
}

@ObjectType({ description: "What came of the updates of one kind when they were read again." })
export class DoorTaskKind {
  @Field(() => String, { description: "Type of the event, or Meta's field of what travels as none." })
  kind!: string;

  @Field(() => Int, { description: "Handed on before as they would be now." })
  same!: number;

  @Field(() => Int, { description: "Handed on before; they would be said in other words now." })
  changed!: number;

  @Field(() => Int, { description: "Not handed on before; they would be now." })
  added!: number;

  @Field(() => Int, { description: "Handed on before; they would not be now." })
  missing!: number;

  @Field(() => Int, { description: "In quarantine before and now." })
  held!: number;
}

@ObjectType({ description: "An update that would be handed on in another way now." })
export class DoorTaskDifference {
  @Field(() => ID)
  updateId!: string;

  @Field(() => differing)
  comparison!: Difference["comparison"];
}

@ObjectType({
  description:
    "A replay of kept webhooks, or a redelivery of dead letters, that an operator began. It survives restarts.",
})
export class DoorTask {
  @Field(() => ID)
  id!: string;

  @Field(() => taskKinds)
  kind!: Task["kind"];

  @Field(() => taskModes)
  mode!: Task["mode"];

  @Field(() => taskStatuses)
  status!: Task["status"];

  @Field(() => String)
  reason!: string;

  @Field(() => ID, { description: "Who began it." })
  openedBy!: string;

  @Field(() => DateTime)
  openedAt!: Date;

  @Field(() => DateTime, { nullable: true })
  endedAt?: Date;

  @Field(() => Int, {
    nullable: true,
    description:
      "Bodies in the range when it was opened, or letters that were named; null where they are not counted beforehand.",
  })
  total?: number;

  @Field(() => Int, { description: "Bodies or letters gone through so far." })
  done!: number;

  @Field(() => Int, { description: "Events handed on again, or letters handled." })
  handedOn!: number;

  @Field(() => Int, {
    description:
      "Letters that still lay there right after: they failed again, or their consumer runs in another process, which takes them soon.",
  })
  left!: number;

  @Field(() => Int, { description: "Bodies that were not cut yet when their turn came; they travel by themselves." })
  waiting!: number;

  @Field(() => [DoorTaskKind])
  kinds!: DoorTaskKind[];

  @Field(() => [DoorTaskDifference], { description: "The first hundred." })
  differences!: DoorTaskDifference[];
}

export const QuarantinedWebhookUpdateConnection = connectionOf("QuarantinedWebhookUpdate", QuarantinedWebhookUpdate);
export const UnknownWebhookUpdateConnection = connectionOf("UnknownWebhookUpdate", UnknownWebhookUpdate);
export const DoorTaskConnection = connectionOf("DoorTask", DoorTask);
export const DeadLetterConnection = sliceOf("DeadLetter", DeadLetter);
export const WebhookUpdateConnection = sliceOf("WebhookUpdate", WebhookUpdate);

@ArgsType()
export class QuarantineArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "Only what waits for this reason." })
  reason?: string;
}

@ArgsType()
export class DeadLetterArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "Only those of this consumer." })
  consumer?: string;

  @Field(() => String, { nullable: true, description: "failed or unknown_version." })
  reason?: string;
}

@ArgsType()
export class UnknownUpdatesArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "Only those of this webhook field." })
  field?: string;
}

@ArgsType()
export class WebhookUpdatesArgs extends PageArgs {
  @Field(() => String, {
    description:
      "Of Meta's: an account's, number's, template's, message's or conversation's id. Of Stripe's: an object's or event's. Of ours: an update's, event's or request's, or the SHA-256 of a body.",
  })
  id!: string;
}

@InputType()
export class ReplayWebhooksInput {
  @Field(() => replayModes)
  mode!: ReplayMode;

  @Field(() => DateTime, { nullable: true, description: "Bodies received from then on; system time." })
  from?: Date;

  @Field(() => DateTime, { nullable: true, description: "And before that instant." })
  until?: Date;

  @Field(() => [ID], {
    nullable: true,
    description: "Ids of updates or SHA-256 of bodies, at most 1000: their whole bodies.",
  })
  ids?: string[];

  @Field(() => ID, { nullable: true, description: "Only this tenant's updates." })
  tenantId?: string;

  @Field(() => String, { description: "Why; it stands in the audit trail." })
  reason!: string;
}

@InputType()
export class RedeliverDeadLettersInput {
  @Field(() => String, { nullable: true, description: "All of this consumer." })
  consumer?: string;

  @Field(() => DateTime, { nullable: true, description: "Those that came to lie there from then on; system time." })
  from?: Date;

  @Field(() => DateTime, { nullable: true, description: "And before that instant." })
  until?: Date;

  @Field(() => [ID], { nullable: true, description: "At most 1000." })
  ids?: string[];

  @Field(() => String, { description: "Why; it stands in the audit trail." })
  reason!: string;
}

@InputType()
export class StopDoorTaskInput {
  @Field(() => ID)
  taskId!: string;
}

@ObjectType()
export class DoorTaskPayload {
  @Field(() => DoorTask)
  task!: DoorTask;
}
