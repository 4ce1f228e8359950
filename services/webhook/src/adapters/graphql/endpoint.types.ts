import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Endpoint, type EndpointEnding, olderSecretUntil } from "../../domain/out/endpoint.js";

const endpointStatuses = { ENABLED: "enabled", DISABLED: "disabled", DELETED: "deleted" } as const;
registerEnumType(endpointStatuses, {
  name: "WebhookEndpointStatus",
  description:
    "Whether events are sent to an endpoint. While it is disabled nothing new is put into line, and what is in line waits.",
});
const listedStatuses = { ENABLED: "enabled", DISABLED: "disabled" } as const;
registerEnumType(listedStatuses, { name: "WebhookEndpointListed", description: "Which endpoints a list shows." });
const endings = { ASKED: "asked", FAILING: "failing", GONE: "gone", TENANT_CLOSED: "tenant_closed" } as const;
registerEnumType(endings, {
  name: "WebhookEndpointEnding",
  description:
    "Why it is disabled: somebody asked; for five days nothing but failures; its receiver answered 410; its business was closed.",
});

@ObjectType({ description: "Where a business has its events sent, signed after Standard Webhooks." })
export class WebhookEndpoint {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => String)
  url!: string;

  @Field(() => String)
  description!: string;

  @Field(() => [String], { description: "`*`, `template.*` or `template.advanced`; see `eventKinds`." })
  kinds!: readonly string[];

  @Field(() => Boolean, {
    description: "True: events about one thing arrive in their order, and one that fails holds back those behind it.",
  })
  ordered!: boolean;

  @Field(() => Int)
  ratePerSecond!: number;

  @Field(() => Int, { description: "Requests under way at once." })
  concurrency!: number;

  @Field(() => Int, { description: "Version of the catalogue whose payloads it gets." })
  payloadVersion!: number;

  @Field(() => endpointStatuses)
  status!: Endpoint["status"];

  @Field(() => endings, { nullable: true })
  disabledBecause?: EndpointEnding;

  @Field(() => DateTime, { nullable: true })
  disabledAt?: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "Until when messages bear the signature of a former secret too.",
  })
  oldSecretUntil?: Date;

  @Field(() => DateTime)
  createdAt!: Date;
}
export const WebhookEndpointConnection = connectionOf("WebhookEndpoint", WebhookEndpoint);

@ObjectType({
  description: "How many deliveries of an endpoint are kept, by what became of them, each counted up to 10,000.",
})
export class WebhookDeliveryCounts {
  @Field(() => Int)
  waiting!: number;

  @Field(() => Int)
  sending!: number;

  @Field(() => Int)
  delivered!: number;

  @Field(() => Int, { description: "Given up after three days; they can be sent again." })
  failed!: number;
}

@ObjectType({ description: "How an endpoint is doing." })
export class WebhookEndpointHealth {
  @Field(() => WebhookDeliveryCounts)
  deliveries!: WebhookDeliveryCounts;

  @Field(() => DateTime, { nullable: true, description: "The first failure since the last success." })
  failingSince?: Date;

  @Field(() => DateTime, { nullable: true, description: "When the next delivery is due." })
  nextAt?: Date;
}

@ArgsType()
export class WebhookEndpointsArgs extends PageArgs {
  @Field(() => listedStatuses, { nullable: true })
  status?: "enabled" | "disabled" | null;
}

@InputType({ description: "What is not given has its default." })
export class CreateWebhookEndpointInput {
  @Field(() => String, { description: "https, port 443 or 8443, without user and password." })
  url!: string;

  @Field(() => [String], { description: "`*`, `template.*` or `template.advanced`; see `eventKinds`." })
  kinds!: string[];

  @Field(() => String, { nullable: true, description: "For people; at most 200 characters." })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Default: false." })
  ordered?: boolean | null;

  @Field(() => Int, { nullable: true, description: "1 to 200; default 50." })
  ratePerSecond?: number | null;

  @Field(() => Int, { nullable: true, description: "1 to 10; default 5." })
  concurrency?: number | null;

  @Field(() => Int, { nullable: true, description: "Default: the newest." })
  payloadVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key with the same input creates one endpoint; the repeat shows no secret.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "What is not given stays as it is." })
export class UpdateWebhookEndpointInput {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => String, { nullable: true })
  url?: string | null;

  @Field(() => [String], { nullable: true })
  kinds?: string[] | null;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => Boolean, { nullable: true })
  ordered?: boolean | null;

  @Field(() => Int, { nullable: true })
  ratePerSecond?: number | null;

  @Field(() => Int, { nullable: true })
  concurrency?: number | null;

  @Field(() => Int, { nullable: true })
  payloadVersion?: number | null;
}

@InputType()
export class WebhookEndpointInput {
  @Field(() => ID)
  endpointId!: string;
}

@InputType()
export class RotateWebhookSecretInput {
  @Field(() => ID)
  endpointId!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "How long the current secret still signs: 0 to 10,080; default 1,440, a day. 0 ends all former ones now.",
  })
  overlapMinutes?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key with the same input makes one new secret; the repeat does not show it.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The endpoint as it is now." })
export class WebhookEndpointPayload {
  @Field(() => WebhookEndpoint)
  endpoint!: WebhookEndpoint;
}

@ObjectType({ description: "The endpoint, and its secret where that was just made." })
export class WebhookEndpointSecretPayload {
  @Field(() => WebhookEndpoint)
  endpoint!: WebhookEndpoint;

  @Field(() => String, {
    nullable: true,
    description: "`whsec_…`, shown this once and readable by nobody; null for a repeat under the same idempotencyKey.",
  })
  secret?: string;
}

@ObjectType({ description: "What is gone for ever." })
export class DeleteWebhookEndpointPayload {
  @Field(() => ID)
  endpointId!: string;
}

@ObjectType({ description: "One kind of event that can be sent to a business, in one version of its payload." })
export class EventKind {
  @Field(() => String, { description: "e.g. `template.advanced`." })
  kind!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => String)
  description!: string;

  @Field(() => String, { description: "The word of permission that is needed to have it sent, and to read it." })
  permission!: string;

  @Field(() => String, { description: "JSON Schema (2020-12) of the whole body, as JSON text." })
  jsonSchema!: string;

  @Field(() => String, { description: "An example of `data`, as JSON text." })
  example!: string;
}

export function toEndpoint(endpoint: Endpoint, systemNow: Date): WebhookEndpoint {
  const { id, tenantId, livemode, url, description, kinds, ordered, ratePerSecond, concurrency } = endpoint;
  const { payloadVersion, status, disabled, createdAt } = endpoint;
  const oldSecretUntil = olderSecretUntil(endpoint, systemNow);
  return {
    ...{ id, tenantId, livemode, url, description, kinds, ordered, ratePerSecond, concurrency },
    ...{ payloadVersion, status, createdAt },
    ...(disabled && { disabledBecause: disabled.because, disabledAt: disabled.at }),
    ...(oldSecretUntil && { oldSecretUntil }),
  };
}
