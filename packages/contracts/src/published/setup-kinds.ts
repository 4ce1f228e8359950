import { z } from "zod";
import { signupActors, signupSteps } from "../onboarding.js";
import { metaText, ourId, publishKind, time } from "./kind.js";

const caseId = ourId("signup case");
const step = z.enum(signupSteps);
const account = { wabaId: metaText("WhatsApp Business Account"), recordId: ourId("account") };
const number = {
  phoneNumberId: metaText("phone number"),
  recordId: ourId("phone number"),
  wabaId: metaText("WhatsApp Business Account"),
};
const change = {
  field: z.string().describe("What changed."),
  from: z.string().optional().describe("Absent where there was nothing before."),
  to: z.string(),
};
const permission = "onboarding:read";
const example = { case: "sig_01JTESTCASE00000000000000A", waba: "318274650192837", number: "219384756102938" };
const records = { waba: "wab_01JTESTWABA00000000000000A", number: "num_01JTESTNVMBER000000000000A" };
const aNumber = { phoneNumberId: example.number, recordId: records.number };

export const setupKinds = [
  publishKind("onboarding.advanced", 1, {
    meaning: "A signup case was opened or finished a step, and names what it waits for.",
    permission,
    data: z.object({
      caseId,
      done: step.optional(),
      next: step.optional().describe("Absent once the case is live."),
      waitsFor: z.string(),
      waitsOn: z.enum(signupActors).optional(),
    }),
    example: {
      caseId: example.case,
      done: "number_added",
      next: "code_requested",
      waitsFor: "a code by SMS or voice",
      waitsOn: "client",
    },
  }),
  publishKind("onboarding.failed", 1, {
    meaning: "A step of a signup case was refused; the message says by whom and what to do.",
    permission,
    data: z.object({ caseId, step, providerCode: z.string().optional(), message: z.string() }),
    example: {
      caseId: example.case,
      step: "code_verified",
      providerCode: "136025",
      message: "The code is wrong. Ask for another one.",
    },
  }),
  publishKind("onboarding.overdue", 1, {
    meaning: "What a signup case waits for did not happen before its deadline.",
    permission,
    data: z.object({ caseId, step, waitsFor: z.string(), waitsOn: z.enum(signupActors) }),
    example: {
      caseId: example.case,
      step: "name_approved",
      waitsFor: "Meta's decision about the display name",
      waitsOn: "meta",
    },
  }),
  publishKind("onboarding.abandoned", 1, {
    meaning: "A signup case was given up.",
    permission,
    data: z.object({ caseId, step: step.optional() }),
    example: { caseId: example.case, step: "code_exchanged" },
  }),
  publishKind("waba.linked", 1, {
    meaning: "A WhatsApp Business Account belongs to this business.",
    permission,
    data: z.object({ ...account, name: z.string(), currency: z.string(), timeZone: z.string(), from: time }),
    example: {
      wabaId: example.waba,
      recordId: records.waba,
      name: "Casa Lumen",
      currency: "USD",
      timeZone: "America/Bogota",
      from: "2026-10-01T08:00:00.000Z",
    },
  }),
  publishKind("waba.changed", 1, {
    meaning: "Meta changed something about an account: review, verification, funding, restriction.",
    permission,
    data: z.object({ ...account, ...change }),
    example: { wabaId: example.waba, recordId: records.waba, field: "review", from: "PENDING", to: "APPROVED" },
  }),
  publishKind("phone_number.added", 1, {
    meaning: "A business phone number belongs to this business.",
    permission,
    data: z.object(number),
    example: { ...aNumber, wabaId: example.waba },
  }),
  publishKind("phone_number.live", 1, {
    meaning: "A number is registered and has received its first message: work and billing begin.",
    permission,
    data: z.object({ ...number, since: time }),
    example: { ...aNumber, wabaId: example.waba, since: "2026-10-03T15:04:05.000Z" },
  }),
  publishKind("phone_number.changed", 1, {
    meaning: "Meta changed something about a number: name decision, quality, limits, badge.",
    permission,
    data: z.object({ phoneNumberId: number.phoneNumberId, recordId: number.recordId, ...change }),
    example: { ...aNumber, field: "quality", from: "GREEN", to: "YELLOW" },
  }),
  publishKind("badge.advanced", 1, {
    meaning: "A request for the badge (Official Business Account) moved to a state.",
    permission: "badge:read",
    data: z.object({
      badgeRequestId: ourId("request"),
      phoneNumberId: number.phoneNumberId,
      status: z.string(),
      until: time.optional().describe("Until when a state lasts by itself, such as cooling off."),
    }),
    example: {
      badgeRequestId: "bdg_01JTESTBADGE0000000000000A",
      phoneNumberId: example.number,
      status: "cooling_off",
      until: "2026-11-02T00:00:00.000Z",
    },
  }),
];
