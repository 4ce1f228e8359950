import { deadLetterRedelivered, event } from "@greentick/contracts";
import { type Call, envelope } from "@greentick/kernel";
import { type WebhookPorts } from "../ports.js";
import { type PageRequest, type Slice } from "../ports/paging.js";
import { type DeadLetterBox, type LetterFilter, type ShownDeadLetter } from "../ports/tasks.js";
import { notLying } from "./open-tasks.js";
import { operate } from "./read-update.js";

interface LetterPorts extends Pick<WebhookPorts, "publish"> {
  readonly letters: DeadLetterBox;
}

/** What lies in the dead letters, oldest first. @throws FORBIDDEN unless the caller operates the platform. */
export const readDeadLetters =
  ({ letters }: LetterPorts) =>
  async (call: Call, filter: LetterFilter, page: PageRequest): Promise<Slice<ShownDeadLetter>> => {
    operate(call);
    return letters.page(filter, page);
  };

/**
 * Hands a dead letter to its consumer again; that it is asked for is in the audit trail before. Returns the letter as it lies there afterwards, with
 * what this try met, or undefined once it was handled. Safe to repeat: one that was handled is not found any more. @throws NOT_FOUND/dead_letter_not_found,
 * PROVIDER_UNAVAILABLE/bus_lost_events.
 */
export const redeliverDeadLetter =
  ({ letters, publish }: LetterPorts) =>
  async (call: Call, id: string): Promise<ShownDeadLetter | undefined> => {
    operate(call);
    const letter = await letters.find(id);
    if (letter === undefined) throw notLying(id);
    const { consumer, eventType } = letter;
    const told = event(
      deadLetterRedelivered,
      { deadLetterId: id, consumer, eventType },
      { partitionKey: call.tenantId },
    );
    await publish([envelope(call, { type: "dead_letter", id, version: 1 }, told)]);
    if (!(await letters.redeliver(id))) throw notLying(id);
    const left = await letters.find(id);
    call.log.info({ deadLetterId: id, handled: left === undefined }, "dead letter handed in again");
    return left;
  };
