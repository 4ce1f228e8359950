import { event, useCaseRefused } from "@greentick/contracts";
import { AppError, type Call, envelope, type EventEnvelope } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Database } from "./data/database.js";
import { nudgeOutbox, outboxIndex } from "./data/outbox.js";

interface RefusalRow {
  _id: string;
  tenantId: string;
  ancestorIds: readonly string[];
  schemaVersion: 1;
  at: Date;
  outbox: EventEnvelope[];
  /** The document is there for its events only: the relay removes it once they are on the bus. */
  carrierOnly: true;
}

export type UseCase<A extends readonly unknown[], R> = (call: Call, ...args: A) => Promise<R>;

/** Refusals of a service's use cases, as audit events. */
export interface RefusalAudit {
  /**
   * The same use case, whose refusals leave an event behind before they reach the caller. A refusal changes nothing, so when the event
   * cannot be kept the caller still gets the refusal, and the log an error.
   */
  readonly refusing: <A extends readonly unknown[], R>(action: string, useCase: UseCase<A, R>) => UseCase<A, R>;
  readonly ensureIndexes: () => Promise<void>;
}

/** The collection of refusals; every service lists it among those its outbox relay reads. */
export const refusalCollection = "refusals";

export function auditRefusals(database: Database, service: string): RefusalAudit {
  const rows: Collection<RefusalRow> = database.db.collection(refusalCollection);
  const keep = async (call: Call, action: string, refusal: AppError): Promise<void> => {
    const data = {
      action: `${service}.${action}`,
      code: refusal.code,
      refusal: refusal.reason,
      details: JSON.stringify(refusal.details),
    };
    const one = envelope(
      call,
      { type: "use_case", id: data.action, version: 1 },
      event(useCaseRefused, data, { partitionKey: call.tenantId }),
    );
    const row = {
      _id: one.id,
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      schemaVersion: 1 as const,
      at: one.recordedAt,
      outbox: [one],
      carrierOnly: true as const,
    };
    await rows.insertOne(row);
    nudgeOutbox(database);
  };
  return {
    refusing:
      (action, useCase) =>
      async (call, ...args) => {
        try {
          return await useCase(call, ...args);
        } catch (error) {
          if (error instanceof AppError)
            await keep(call, action, error).catch((lost: unknown) => {
              call.log.error({ err: lost, action, reason: error.reason }, "refusal missing from the audit trail");
            });
          throw error;
        }
      },
    ensureIndexes: async () => {
      await rows.createIndexes([outboxIndex]);
    },
  };
}
