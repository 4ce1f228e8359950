import { z } from "zod";
import { metaText, ourId, publishKind, time, word } from "./kind.js";

const templateId = ourId("template");
const aTemplate = "tpl_01JTESTTEMPLATE0000000000A";
const routed = {
  wabaId: metaText("WhatsApp Business Account"),
  phoneNumberId: metaText("phone number").optional(),
  messageKey: z
    .string()
    .describe("The same for every event of one message. Meta's own id contains a person's number and is not sent."),
  webhookUpdateId: z
    .string()
    .optional()
    .describe("Ask `webhookUpdate(id:)` with it for the update word for word, with Meta's message id."),
};
const aMessage = {
  wabaId: "318274650192837",
  phoneNumberId: "219384756102938",
  messageKey: "mBk1nXW0t0o0c0dY2hO0m3JxVbqzq0eF3rSxg8E8o5w",
  webhookUpdateId: `${"5f".repeat(32)}:0`,
};

const categoryMove = { templateId, from: word, to: word, effectiveFrom: time };
const aCategoryMove = {
  templateId: aTemplate,
  from: { known: "UTILITY", raw: "UTILITY" },
  to: { known: "MARKETING", raw: "MARKETING" },
  effectiveFrom: "2026-11-01T00:00:00.000Z",
};

export const workKinds = [
  publishKind("template.advanced", 1, {
    meaning: "A template moved to a state.",
    permission: "template:read",
    data: z.object({
      templateId,
      metaTemplateId: metaText("template").optional(),
      wabaId: metaText("WhatsApp Business Account").optional(),
      name: z.string(),
      language: z.string(),
      status: z.string(),
      metaStatus: word.optional().describe("Meta's own word, when Meta caused it."),
    }),
    example: {
      templateId: aTemplate,
      metaTemplateId: "1029384756102938475",
      wabaId: "318274650192837",
      name: "order_ready",
      language: "es_CO",
      status: "approved",
      metaStatus: { known: "APPROVED", raw: "APPROVED" },
    },
  }),
  publishKind("template.category_changed", 1, {
    meaning: "Meta stores another category for a template than before; it sets the price of every later message.",
    permission: "template:read",
    data: z.object(categoryMove),
    example: aCategoryMove,
  }),
  publishKind("template.category_announced", 1, {
    meaning: "Meta will store another category from the given time: until then it can still be changed or appealed.",
    permission: "template:read",
    data: z.object(categoryMove),
    example: aCategoryMove,
  }),
  publishKind("template.quality_changed", 1, {
    meaning: "Meta rates the quality of a template differently than before; a low rating leads to pauses.",
    permission: "template:read",
    data: z.object({ templateId, from: word.optional(), to: word }),
    example: {
      templateId: aTemplate,
      from: { known: "GREEN", raw: "GREEN" },
      to: { known: "YELLOW", raw: "YELLOW" },
    },
  }),
  publishKind("message.status", 1, {
    meaning: "Meta reported a status of a message that the business sent.",
    permission: "webhook:read",
    data: z.object({
      ...routed,
      status: word,
      at: time,
      category: word.optional().describe("Where the status carries a price."),
      billable: z.boolean().optional(),
      errorCodes: z.array(z.string()),
    }),
    example: {
      ...aMessage,
      status: { known: "DELIVERED", raw: "delivered" },
      at: "2026-10-05T09:30:00.000Z",
      category: { known: "MARKETING", raw: "marketing" },
      billable: true,
      errorCodes: [],
    },
  }),
  publishKind("message.received", 1, {
    meaning: "A person wrote to a business number. What was written is not in it.",
    permission: "webhook:read",
    data: z.object({ ...routed, kind: z.string(), at: time }),
    example: { ...aMessage, kind: "text", at: "2026-10-05T09:31:00.000Z" },
  }),
  publishKind("consent.recorded", 1, {
    meaning: "Evidence was kept that a person agreed to messages for a purpose. The person is not named.",
    permission: "consent:read",
    data: z.object({ consentId: ourId("consent"), purpose: z.string(), at: time }),
    example: { consentId: "cns_01JTESTC0NSENT00000000000A", purpose: "marketing", at: "2026-10-05T09:00:00.000Z" },
  }),
  publishKind("consent.withdrawn", 1, {
    meaning: "A person does not want messages for this purpose any more. The person is not named.",
    permission: "consent:read",
    data: z.object({ consentId: ourId("consent"), purpose: z.string(), at: time }),
    example: { consentId: "cns_01JTESTC0NSENT00000000000A", purpose: "marketing", at: "2026-10-06T09:00:00.000Z" },
  }),
];
