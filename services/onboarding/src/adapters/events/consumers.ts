import {
  accountReported,
  badgeAdvanced,
  type DataOf,
  type EventDefinition,
  messageReceived,
  numberAdded,
  numberReported,
  signupAdvanced,
  signupFailed,
} from "@greentick/contracts";
import { type Call, type EventEnvelope, type Permission } from "@greentick/kernel";
import { type ConsumerSpec, type Subscription } from "@greentick/runtime";
import { type z } from "zod";
import { type NoteFirstInbound } from "../../usecases/note-first-inbound.js";
import { type AccountReport, type NumberReport } from "../../usecases/note-reports.js";
import { type RunSignupStep } from "../../usecases/run-signup-step.js";
import { unlessErased } from "./erased.js";

type About = (call: Call, id: string) => Promise<void>;

export interface Wakes {
  readonly runStep: RunSignupStep;
  readonly schedule: About;
  readonly carryBadge: About;
  readonly planSync: About;
  readonly noteFirstInbound: NoteFirstInbound;
  readonly noteNumber: (call: Call, report: NumberReport) => Promise<void>;
  readonly noteAccount: (call: Call, report: AccountReport) => Promise<void>;
}

/** What the service's own work may do, and nothing else. */
export const ownPermissions: readonly Permission[] = ["onboarding:write", "badge:write"];

/** The event's data, as its definition promises it. */
const dataOf = <S extends z.ZodType>(definition: EventDefinition<S>, event: EventEnvelope): z.infer<S> =>
  definition.data.parse(event.data);

const forTheLiving = (on: readonly Subscription[]): readonly Subscription[] =>
  on.map(({ event, handle }) => ({ event, handle: unlessErased(handle) }));

/** Which event wakes what. Our own events carry the intents: every call to Meta starts here, after its intent is durable. */
export const ownConsumer = (wakes: Wakes): ConsumerSpec => ({
  name: "onboarding.work",
  permissions: ownPermissions,
  on: forTheLiving([
    {
      event: signupAdvanced,
      handle: async (call, event) => {
        const { caseId, next } = dataOf(signupAdvanced, event);
        await wakes.schedule(call, caseId);
        if (next !== undefined) await wakes.runStep(call, { caseId, step: next });
      },
    },
    { event: signupFailed, handle: (call, event) => wakes.schedule(call, dataOf(signupFailed, event).caseId) },
    {
      event: badgeAdvanced,
      handle: (call, event) => wakes.carryBadge(call, dataOf(badgeAdvanced, event).badgeRequestId),
    },
    { event: numberAdded, handle: (call, event) => wakes.planSync(call, dataOf(numberAdded, event).recordId) },
  ]),
});

/** What Meta's webhooks tell us of numbers and accounts. */
export const metaConsumer = (wakes: Wakes): ConsumerSpec => ({
  name: "onboarding.meta",
  permissions: ownPermissions,
  on: forTheLiving([
    { event: messageReceived, handle: inboundHandler(wakes.noteFirstInbound) },
    {
      event: numberReported,
      handle: (call, event) => wakes.noteNumber(call, numberReport(dataOf(numberReported, event))),
    },
    {
      event: accountReported,
      handle: (call, event) => wakes.noteAccount(call, accountReport(dataOf(accountReported, event))),
    },
  ]),
});

/** Only the first message of a number matters here: numbers that are live are remembered and cost nothing more. */
function inboundHandler(note: NoteFirstInbound): Subscription["handle"] {
  const live = new Set<string>();
  return async (call, event) => {
    const { phoneNumberId, at } = dataOf(messageReceived, event);
    if (phoneNumberId === undefined || live.has(phoneNumberId)) return;
    if (await note(call, { phoneNumberId, at })) live.add(phoneNumberId);
  };
}

function numberReport(data: DataOf<typeof numberReported>): NumberReport {
  const { wabaId, field, at, phoneNumberId, displayPhoneNumber, decision, detail } = data;
  return {
    wabaId,
    field,
    at,
    ...(phoneNumberId !== undefined && { phoneNumberId }),
    ...(displayPhoneNumber !== undefined && { displayPhoneNumber }),
    ...(decision !== undefined && { decision: decision.raw }),
    ...(detail !== undefined && { detail }),
  };
}

function accountReport(data: DataOf<typeof accountReported>): AccountReport {
  const { wabaId, field, at, event, entityType, entityId, detail } = data;
  return {
    field,
    at,
    detail,
    ...(wabaId !== undefined && { wabaId }),
    ...(event !== undefined && { event: event.raw }),
    ...(entityType !== undefined && { entityType }),
    ...(entityId !== undefined && { entityId }),
  };
}
