import { Requires } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { deadLetterReasons } from "../../domain/dead-letter.js";
import { quarantineReasons } from "../../domain/quarantine.js";
import { type ShownDeadLetter } from "../../usecases/dead-letters.js";
import { type DoorReport, type ShownUpdate } from "../../usecases/read-update.js";
import {
  DeadLetter,
  RedeliverDeadLetterInput,
  RedeliverDeadLetterPayload,
  WebhookDoor,
  WebhookUpdate,
} from "./webhook.types.js";

export interface WebhookVerbs {
  readonly readUpdate: (call: Call, id: string) => Promise<ShownUpdate>;
  readonly readDoor: (call: Call) => Promise<DoorReport>;
  readonly readDeadLetters: (call: Call) => Promise<readonly ShownDeadLetter[]>;
  readonly redeliver: (call: Call, id: string) => Promise<ShownDeadLetter | undefined>;
}

const toDeadLetter = (one: ShownDeadLetter): DeadLetter => ({ ...one, explanation: deadLetterReasons[one.reason] });

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

  @Requires("webhook:operate")
  @Query(() => WebhookDoor, {
    description: "State of the door, for the provider's operators: what was kept, what waits and why.",
  })
  async webhookDoor(@Ctx() call: Call): Promise<WebhookDoor> {
    const [door, deadLetters] = await Promise.all([this.use.readDoor(call), this.use.readDeadLetters(call)]);
    const quarantined = door.quarantined.map((one) => ({ ...one, explanation: quarantineReasons[one.reason] }));
    return { ...door, quarantined, deadLetters: deadLetters.map(toDeadLetter) };
  }

  @Requires("webhook:operate")
  @Mutation(() => RedeliverDeadLetterPayload, {
    description:
      "Hands a dead letter to its consumer again. Safe to repeat: asked twice at once it is handed in once, and one that was handled fails with NOT_FOUND/dead_letter_not_found.",
  })
  async redeliverDeadLetter(
    @Arg("input", () => RedeliverDeadLetterInput) input: RedeliverDeadLetterInput,
    @Ctx() call: Call,
  ): Promise<RedeliverDeadLetterPayload> {
    const left = await this.use.redeliver(call, input.deadLetterId);
    return { deadLetterId: input.deadLetterId, ...(left && { deadLetter: toDeadLetter(left) }) };
  }
}
