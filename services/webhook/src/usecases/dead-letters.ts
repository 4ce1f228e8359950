import { AppError, type Call } from "@greentick/kernel";
import { type deadLetterReasons } from "../domain/dead-letter.js";
import { operate } from "./read-update.js";

/** An event that a consumer gave up on, or could not read yet, as an operator sees it. */
export interface ShownDeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly eventType: string;
  readonly tenantId: string;
  readonly reason: keyof typeof deadLetterReasons;
  readonly tries: number;
  readonly error: string;
  readonly at: Date;
}

export interface DeadLetterPorts {
  readonly list: () => Promise<readonly ShownDeadLetter[]>;
  readonly find: (id: string) => Promise<ShownDeadLetter | undefined>;
  /** False when there is none of that id. A letter is in one hand at a time. */
  readonly redeliver: (id: string) => Promise<boolean>;
}

/** What lies in the dead letters, oldest first. @throws FORBIDDEN unless the caller operates the platform. */
export const readDeadLetters =
  ({ list }: DeadLetterPorts) =>
  async (call: Call): Promise<readonly ShownDeadLetter[]> => {
    operate(call);
    return list();
  };

/**
 * Hands a dead letter to its consumer again. Returns the letter as it lies there afterwards, with what this try met, or undefined once it was
 * handled. Safe to repeat: one that was handled is not found any more. @throws NOT_FOUND/dead_letter_not_found.
 */
export const redeliverDeadLetter =
  ({ find, redeliver }: DeadLetterPorts) =>
  async (call: Call, id: string): Promise<ShownDeadLetter | undefined> => {
    operate(call);
    if (!(await redeliver(id)))
      throw new AppError(
        "NOT_FOUND",
        "dead_letter_not_found",
        `No dead letter ${id}: it was handled already, or the id is not one of those that webhookDoor lists.`,
        { id },
      );
    const left = await find(id);
    call.log.info({ deadLetterId: id, handled: left === undefined }, "dead letter handed in again");
    return left;
  };
