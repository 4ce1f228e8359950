import { DateTime } from "@greentick/graphql";
import { Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";

@Directive('@key(fields: "id")')
@ObjectType({ description: "One update out of a webhook body that a provider sent: the proof of whatever it caused." })
export class WebhookUpdate {
  @Field(() => ID, { description: "SHA-256 of the body, a colon, and the update's place in it." })
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => String, { description: "SHA-256 of the exact bytes whose signature was verified, hexadecimal." })
  bodySha256!: string;

  @Field(() => Int, { description: "Place of the update in the body, from 0." })
  index!: number;

  @Field(() => String, { description: "Meta's name of the webhook field, e.g. `messages`." })
  field!: string;

  @Field(() => DateTime, { description: "When the body became durable; system time." })
  receivedAt!: Date;

  @Field(() => Int, { description: "How often the same bytes came again and were ignored." })
  repeats!: number;

  @Field(() => String, { description: "The update's own JSON, without its neighbours of other tenants." })
  fragment!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The whole body as it was signed; only for the provider's operators, since it may hold other tenants' updates.",
  })
  body?: string;
}

@ObjectType({ description: "An update that could not be routed and waits." })
export class QuarantinedWebhookUpdate {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: "unreadable, unknown_account, no_account, too_large, failed or damaged." })
  reason!: string;

  @Field(() => String, { description: "What the reason means, and what releases the update." })
  explanation!: string;

  @Field(() => String)
  field!: string;

  @Field(() => String, { nullable: true, description: "The WhatsApp Business Account it names." })
  wabaId?: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType({ description: "An event that a consumer gave up on, or cannot read yet; its neighbours went on." })
export class DeadLetter {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  consumer!: string;

  @Field(() => String)
  eventType!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => String, { description: "failed or unknown_version." })
  reason!: string;

  @Field(() => String, { description: "What the reason means, and what gets the event out of here." })
  explanation!: string;

  @Field(() => Int)
  tries!: number;

  @Field(() => String, { description: "What the last try met." })
  error!: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType({ description: "How many updates of a kind lie there that no service reads yet." })
export class UnknownWebhookKind {
  @Field(() => String)
  field!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => Int)
  updates!: number;
}

@ObjectType({ description: "How far a consumer of the event bus is behind, in any service and process." })
export class BusConsumer {
  @Field(() => String, { description: "The service, a dot, and what it does with the events." })
  consumer!: string;

  @Field(() => Int, { description: "Events that it has not passed yet." })
  behind!: number;

  @Field(() => Boolean, { description: "False when no process runs it: nothing moves until one does." })
  running!: boolean;
}

@ObjectType({ description: "What came through the door, and what waits behind it." })
export class WebhookDoor {
  @Field(() => Int, { description: "Bodies kept." })
  kept!: number;

  @Field(() => Int, { description: "Times that bytes already kept came again." })
  repeats!: number;

  @Field(() => Int, { description: "Updates in those repeated bodies." })
  repeatedUpdates!: number;

  @Field(() => Int, { description: "Bodies kept but not yet cut into updates." })
  waiting!: number;

  @Field(() => [UnknownWebhookKind], {
    description: "Kinds of updates that no service reads yet, the hundred of which most are kept.",
  })
  unknownKinds!: UnknownWebhookKind[];

  @Field(() => [BusConsumer], {
    description: "Who handles the events, and how many each has not handled yet; by name.",
  })
  consumers!: BusConsumer[];
}

@InputType()
export class RedeliverDeadLetterInput {
  @Field(() => ID)
  deadLetterId!: string;
}

@ObjectType()
export class RedeliverDeadLetterPayload {
  @Field(() => ID)
  deadLetterId!: string;

  @Field(() => DeadLetter, {
    nullable: true,
    description:
      "The letter as it lies there now, with what this try met; null once it was handled. It may also be on its way in another process.",
  })
  deadLetter?: DeadLetter;
}
