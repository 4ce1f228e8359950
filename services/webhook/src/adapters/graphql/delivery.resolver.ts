import { pageOf, Requires } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type Delivery } from "../../domain/out/delivery.js";
import { type DeliveryFilter } from "../../ports/outgoing.js";
import { type ListDeliveries } from "../../usecases/out/read-deliveries.js";
import { type PreviewWebhook, type RedeliverRange, type SendTest } from "../../usecases/out/send-by-hand.js";
import {
  RedeliverWebhookInput,
  RedeliverWebhooksInput,
  RedeliverWebhooksPayload,
  SendTestWebhookInput,
  type ShownDelivery,
  toDelivery,
  WebhookAttempt,
  WebhookDeliveriesArgs,
  WebhookDelivery,
  WebhookDeliveryConnection,
  WebhookDeliveryPayload,
  WebhookPreview,
  WebhookPreviewArgs,
} from "./delivery.types.js";
import { type SliceType, toSlice } from "./slice.types.js";

export interface DeliveryUseCases {
  readonly list: ListDeliveries;
  readonly read: (call: Call, id: string) => Promise<Delivery>;
  readonly response: (call: Call, delivery: Delivery, sealed: string | undefined) => Promise<string | undefined>;
  readonly body: (call: Call, delivery: Delivery) => Promise<string | undefined>;
  readonly test: SendTest;
  readonly preview: PreviewWebhook;
  readonly again: (call: Call, deliveryId: string) => Promise<Delivery>;
  readonly range: (call: Call, range: RedeliverRange) => Promise<number>;
}

const filterOf = ({ endpointId, status, kind, eventId, from, before }: WebhookDeliveriesArgs): DeliveryFilter => ({
  ...(endpointId != null && { endpointId }),
  ...(status != null && { status }),
  ...(kind != null && { kind }),
  ...(eventId != null && { eventId }),
  ...(from != null && { from }),
  ...(before != null && { before }),
});

@Resolver(() => WebhookDelivery)
export class DeliveryResolver {
  constructor(private readonly use: DeliveryUseCases) {}

  @Requires("endpoint:read")
  @Query(() => WebhookDeliveryConnection, {
    description: "What was sent and what is on its way, newest first. Fails with NOT_FOUND/endpoint_not_found.",
  })
  async webhookDeliveries(@Args() args: WebhookDeliveriesArgs, @Ctx() call: Call): Promise<SliceType<WebhookDelivery>> {
    return toSlice(await this.use.list(call, pageOf(args), filterOf(args)), toDelivery);
  }

  @Requires("endpoint:read")
  @Query(() => WebhookDelivery, { description: "Fails with NOT_FOUND/delivery_not_found." })
  async webhookDelivery(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<WebhookDelivery> {
    return toDelivery(await this.use.read(call, id));
  }

  @Requires("endpoint:write")
  @Query(() => WebhookPreview, {
    description:
      "A dry run: address, headers, signature and body as they would go out now, for the example of a kind or for a delivery. Fails with NOT_FOUND/endpoint_not_found, NOT_FOUND/delivery_not_found, BAD_USER_INPUT/unknown_kind.",
  })
  async webhookPreview(
    @Args() { endpointId, kind, deliveryId }: WebhookPreviewArgs,
    @Ctx() call: Call,
  ): Promise<WebhookPreview> {
    const what = { ...(kind != null && { kind }), ...(deliveryId != null && { deliveryId }) };
    const { url, headers, body } = await this.use.preview(call, { endpointId, ...what });
    return { url, body, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) };
  }

  @Requires("endpoint:read")
  @FieldResolver(() => [WebhookAttempt], { description: "The last fifty tries, oldest first." })
  attempts(@Root() { source }: ShownDelivery, @Ctx() call: Call): Promise<WebhookAttempt[]> {
    return Promise.all(
      source.attempts.map(async ({ sealedResponse, ...attempt }) => {
        const response = await this.use.response(call, source, sealedResponse);
        return { ...attempt, ...(response !== undefined && { response }) };
      }),
    );
  }

  @Requires("endpoint:read")
  @FieldResolver(() => String, {
    nullable: true,
    description: "The text that is sent, while it is kept, for callers who may read such things.",
  })
  async body(@Root() { source }: ShownDelivery, @Ctx() call: Call): Promise<string | null> {
    return (await this.use.body(call, source)) ?? null;
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookDeliveryPayload, {
    description:
      "Sends the example of a kind, marked `test`. Fails with NOT_FOUND/endpoint_not_found, CONFLICT/endpoint_disabled, BAD_USER_INPUT/unknown_kind, FORBIDDEN/permission_missing.",
  })
  async sendTestWebhook(
    @Arg("input", () => SendTestWebhookInput) { endpointId, kind }: SendTestWebhookInput,
    @Ctx() call: Call,
  ): Promise<WebhookDeliveryPayload> {
    return { delivery: toDelivery(await this.use.test(call, { endpointId, kind })) };
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookDeliveryPayload, {
    description:
      "Sends a delivery again that was taken or given up, under the same `webhook-id`. Fails with NOT_FOUND/delivery_not_found, CONFLICT/endpoint_disabled.",
  })
  async redeliverWebhook(
    @Arg("input", () => RedeliverWebhookInput) { deliveryId }: RedeliverWebhookInput,
    @Ctx() call: Call,
  ): Promise<WebhookDeliveryPayload> {
    return { delivery: toDelivery(await this.use.again(call, deliveryId)) };
  }

  @Requires("endpoint:write")
  @Mutation(() => RedeliverWebhooksPayload, {
    description:
      "The same for a range, at most 5,000 at once. Fails with NOT_FOUND/endpoint_not_found, CONFLICT/endpoint_disabled, BAD_USER_INPUT/range_too_large, FORBIDDEN/permission_missing.",
  })
  async redeliverWebhooks(
    @Arg("input", () => RedeliverWebhooksInput) { endpointId, from, before, kinds, which }: RedeliverWebhooksInput,
    @Ctx() call: Call,
  ): Promise<RedeliverWebhooksPayload> {
    const range = { endpointId, from, before, which: which ?? "failed", ...(kinds != null && { kinds }) };
    return { endpointId, count: await this.use.range(call, range) };
  }
}
