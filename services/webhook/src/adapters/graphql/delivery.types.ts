import { DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Delivery, type DeliveryStatus } from "../../domain/out/delivery.js";
import { type RedeliverWhich } from "../../usecases/out/send-by-hand.js";
import { sliceOf } from "./slice.types.js";

const statuses = { WAITING: "waiting", SENDING: "sending", DELIVERED: "delivered", FAILED: "failed" } as const;
registerEnumType(statuses, {
  name: "WebhookDeliveryStatus",
  description: "Waiting for its time or its turn; on its way; taken by the receiver (2xx); given up after three days.",
});
const which = { FAILED: "failed", FINISHED: "finished", MISSED: "missed" } as const;
registerEnumType(which, {
  name: "RedeliverWhich",
  description:
    "FAILED: those that were given up. FINISHED: those and the ones that were taken. MISSED: events of which no delivery was made, because the endpoint was disabled or not yet subscribed to them.",
});

@ObjectType({ description: "One try." })
export class WebhookAttempt {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => Int, { nullable: true, description: "Looking up the name; null on a connection that was still open." })
  dnsMs?: number;

  @Field(() => Int, {
    nullable: true,
    description: "Connecting, TLS included; null on a connection that was still open.",
  })
  connectMs?: number;

  @Field(() => Int)
  totalMs!: number;

  @Field(() => Int, { nullable: true, description: "Null when no answer came." })
  statusCode?: number;

  @Field(() => String, { nullable: true, description: "What went wrong, in words; null for a success." })
  problem?: string;

  @Field(() => String, { nullable: true, description: "The first kilobyte of the answer." })
  response?: string;
}

@ObjectType({ description: "One event on its way to one endpoint." })
export class WebhookDelivery {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => ID)
  endpointId!: string;

  @Field(() => ID, { description: "`webhook-id` of every try." })
  eventId!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => statuses)
  status!: DeliveryStatus;

  @Field(() => Boolean, { description: "A sample that was asked for." })
  test!: boolean;

  @Field(() => DateTime, { description: "When it was put into line; system time." })
  createdAt!: Date;

  @Field(() => DateTime, { description: "When the event happened." })
  occurredAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "When it is tried next; null while an earlier one holds it back.",
  })
  nextAttemptAt?: Date;

  @Field(() => DateTime, { nullable: true, description: "When it was taken or given up." })
  finishedAt?: Date;
}
export const WebhookDeliveryConnection = sliceOf(
  "WebhookDelivery",
  WebhookDelivery,
  " It is not counted, and looks through 5,000 deliveries at most: it may hold fewer than asked for, or none, while `hasNextPage` says that there are more to look through.",
);

@ArgsType()
export class WebhookDeliveriesArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  endpointId?: string | null;

  @Field(() => statuses, { nullable: true })
  status?: DeliveryStatus | null;

  @Field(() => String, { nullable: true })
  kind?: string | null;

  @Field(() => ID, { nullable: true })
  eventId?: string | null;

  @Field(() => DateTime, { nullable: true, description: "Put into line then or later." })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Put into line earlier than that." })
  before?: Date | null;
}

@ArgsType()
export class WebhookPreviewArgs {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => String, { nullable: true, description: "Its example; or else give a deliveryId." })
  kind?: string | null;

  @Field(() => ID, { nullable: true })
  deliveryId?: string | null;
}

@InputType()
export class SendTestWebhookInput {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => String, { description: "Any kind of `eventKinds`, subscribed or not." })
  kind!: string;
}

@InputType()
export class RedeliverWebhookInput {
  @Field(() => ID)
  deliveryId!: string;
}

@InputType({ description: "Which deliveries of an endpoint; times are those at which they were put into line." })
export class RedeliverWebhooksInput {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => DateTime)
  from!: Date;

  @Field(() => DateTime)
  before!: Date;

  @Field(() => [String], { nullable: true, description: "Default: what the endpoint is subscribed to." })
  kinds?: string[] | null;

  @Field(() => which, { nullable: true, description: "Default: FAILED." })
  which?: RedeliverWhich | null;
}

@ObjectType()
export class WebhookDeliveryPayload {
  @Field(() => WebhookDelivery)
  delivery!: WebhookDelivery;
}

@ObjectType()
export class RedeliverWebhooksPayload {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => Int, { description: "How many were put into line." })
  count!: number;
}

@ObjectType()
export class WebhookHeader {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType({ description: "A message as it would go out now, to the byte. Nothing was sent." })
export class WebhookPreview {
  @Field(() => String)
  url!: string;

  @Field(() => [WebhookHeader])
  headers!: WebhookHeader[];

  @Field(() => String)
  body!: string;
}

/** The wire's delivery still knows the one it was made from: its attempts and its body are asked for only when somebody wants them. */
export class ShownDelivery extends WebhookDelivery {
  source!: Delivery;
}

export function toDelivery(source: Delivery): ShownDelivery {
  const { id, tenantId, livemode, endpointId, eventId, kind, status, test, createdAt, occurredAt } = source;
  return {
    ...{ id, tenantId, livemode, endpointId, eventId, kind, status, test, createdAt, occurredAt, source },
    ...(source.dueAt && { nextAttemptAt: source.dueAt }),
    ...(source.finishedAt && { finishedAt: source.finishedAt }),
  };
}
