import {
  type DataOf,
  dataSubjectAnswered,
  dataSubjectClosed,
  dataSubjectHolderReady,
  legalHoldLifted,
  retentionEnded,
  tenantErased,
} from "@greentick/contracts";
import { type Call, type TenantId } from "@greentick/kernel";
import { type ConsumerSpec, dataSubjectConsumer, type Outside, type TimerSpec } from "@greentick/runtime";
import { exportEnds } from "../../usecases/data-subject.js";

export interface ConsentVerbs {
  readonly find: (call: Call, keys: readonly string[]) => Promise<readonly unknown[]>;
  readonly erase: (call: Call, keys: readonly string[], at: Date) => Promise<void>;
  readonly eraseTenant: (tenantId: TenantId) => Promise<unknown>;
  readonly tellHolder: (call: Call, ready: DataOf<typeof dataSubjectHolderReady>) => Promise<void>;
  readonly noteAnswer: (call: Call, answer: DataOf<typeof dataSubjectAnswered>) => Promise<void>;
  readonly resumeHeld: (call: Call) => Promise<void>;
  readonly scheduleExportEnd: (call: Call, requestId: string) => Promise<void>;
  readonly endExport: (call: Call, requestId: string) => Promise<void>;
}

/** What wakes consents and the duties towards persons. */
export const consentConsumers = (
  outside: Pick<Outside, "database" | "bus" | "sealer">,
  verbs: ConsentVerbs,
): readonly ConsumerSpec[] => [
  dataSubjectConsumer(outside, {
    service: "tenant",
    holder: "consent",
    searched: "consents of the person, their history and evidence",
    keptBecause: "",
    find: verbs.find,
    erase: verbs.erase,
  }),
  {
    name: "tenant.consent",
    on: [
      {
        event: retentionEnded,
        handle: async (call, { data }) => {
          if ((data as DataOf<typeof retentionEnded>).kind === "consent") await verbs.eraseTenant(call.tenantId);
        },
      },
      {
        event: tenantErased,
        handle: async (call) => {
          await verbs.eraseTenant(call.tenantId);
        },
      },
      { event: legalHoldLifted, handle: (call) => verbs.resumeHeld(call) },
    ],
  },
  {
    name: "tenant.data_subjects",
    on: [
      {
        event: dataSubjectHolderReady,
        handle: (call, { data }) => verbs.tellHolder(call, data as DataOf<typeof dataSubjectHolderReady>),
      },
      {
        event: dataSubjectAnswered,
        handle: (call, { data }) => verbs.noteAnswer(call, data as DataOf<typeof dataSubjectAnswered>),
      },
      {
        event: dataSubjectClosed,
        handle: (call, { data }) => verbs.scheduleExportEnd(call, (data as DataOf<typeof dataSubjectClosed>).requestId),
      },
    ],
  },
];

export const consentTimers = (verbs: ConsentVerbs): readonly TimerSpec[] => [
  { kind: exportEnds, fire: (call, { about }) => verbs.endExport(call, about) },
];
