import { AppError, type Call } from "@greentick/kernel";
import { operate } from "./read-update.js";

/** An event that a consumer gave up on, as an operator sees it. */
export interface ShownDeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly eventType: string;
  readonly tenantId: string;
  readonly tries: number;
  readonly error: string;
  readonly at: Date;
}

export interface DeadLetterPorts {
  readonly list: () => Promise<readonly ShownDeadLetter[]>;
  readonly redeliver: (id: string) => Promise<boolean>;
}

/** What lies in the dead letters, oldest first. @throws FORBIDDEN unless the caller operates the platform. */
export const readDeadLetters =
  ({ list }: DeadLetterPorts) =>
  async (call: Call): Promise<readonly ShownDeadLetter[]> => {
    operate(call);
    return list();
  };

/** Hands a dead letter to its consumer again; if that fails it returns here. @throws NOT_FOUND/dead_letter_not_found. */
export const redeliverDeadLetter =
  ({ redeliver }: DeadLetterPorts) =>
  async (call: Call, id: string): Promise<void> => {
    operate(call);
    if (!(await redeliver(id)))
      throw new AppError("NOT_FOUND", "dead_letter_not_found", `No dead letter ${id} whose consumer runs here.`, {
        id,
      });
    call.log.info({ deadLetterId: id }, "dead letter handed in again");
  };
