import { pageOf, Requires } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { type PageRequest, type Slice } from "../../ports/paging.js";
import { type ShownDeadLetter } from "../../ports/tasks.js";
import { type DoorReport } from "../../usecases/read-update.js";
import { type ShownUpdate } from "../../usecases/show-update.js";
import { toDeadLetter } from "./door.resolver.js";
import { WebhookUpdateConnection, WebhookUpdatesArgs } from "./door.types.js";
import { type SliceType, toSlice } from "./slice.types.js";
import { RedeliverDeadLetterInput, RedeliverDeadLetterPayload, WebhookDoor, WebhookUpdate } from "./webhook.types.js";

export interface WebhookVerbs {
  readonly readUpdate: (call: Call, id: string) => Promise<ShownUpdate>;
  readonly readDoor: (call: Call) => Promise<DoorReport>;
  readonly findUpdates: (call: Call, id: string, page: PageRequest) => Promise<Slice<ShownUpdate>>;
  readonly redeliver: (call: Call, id: string) => Promise<ShownDeadLetter | undefined>;
}

@Resolver()
export class WebhookResolver {
  constructor(private readonly use: WebhookVerbs) {}

  @Requires("webhook:read")
  @Query(() => WebhookUpdate, {
    description: "One update that a provider sent about this tenant. Fails with NOT_FOUND/webhook_update_not_found.",
  })
  webhookUpdate(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<WebhookUpdate> {
    return this.use.readUpdate(call, id);
  }

  @Requires("webhook:read")
  @Query(() => WebhookUpdateConnection, {
    description:
      "Updates that bear an id, newest first, as long as their bodies are kept. Another tenant's are not found.",
  })
  async webhookUpdates(@Args() args: WebhookUpdatesArgs, @Ctx() call: Call): Promise<SliceType<WebhookUpdate>> {
    return toSlice(await this.use.findUpdates(call, args.id, pageOf(args)), (one) => one);
  }

  @Requires("webhook:operate")
  @Query(() => WebhookDoor, {
    description: "State of the door, for the provider's operators: what was kept, what waits and why.",
  })
  async webhookDoor(@Ctx() call: Call): Promise<WebhookDoor> {
    const door = await this.use.readDoor(call);
    return { ...door, unknownKinds: [...door.unknownKinds], consumers: [...door.consumers] };
  }

  @Requires("webhook:operate")
  @Mutation(() => RedeliverDeadLetterPayload, {
    description:
      "Hands a dead letter to its consumer again. Safe to repeat: asked twice at once it is handed in once, and one that was handled fails with NOT_FOUND/dead_letter_not_found. Fails with PROVIDER_UNAVAILABLE/bus_lost_events when the bus is found to have lost events meanwhile: repeat it.",
  })
  async redeliverDeadLetter(
    @Arg("input", () => RedeliverDeadLetterInput) input: RedeliverDeadLetterInput,
    @Ctx() call: Call,
  ): Promise<RedeliverDeadLetterPayload> {
    const left = await this.use.redeliver(call, input.deadLetterId);
    return { deadLetterId: input.deadLetterId, ...(left && { deadLetter: toDeadLetter(left) }) };
  }
}
