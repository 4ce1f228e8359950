import { z } from "zod";
import { defineEvent } from "./define.js";
import { metaId, raw } from "./shapes.js";

export const templateAdvanced = defineEvent(
  "template.advanced",
  1,
  "A template moved to a state.",
  z.object({
    templateId: z.string(),
    metaTemplateId: metaId.optional(),
    wabaId: metaId.optional(),
    name: z.string(),
    language: z.string(),
    status: z.string(),
    /** Meta's own word for the state, when Meta caused it. */
    metaStatus: raw.optional(),
  }),
);
export const templateCategoryChanged = defineEvent(
  "template.category_changed",
  1,
  "Meta stores another category for a template than before; the new one sets the price of every later message.",
  z.object({ templateId: z.string(), from: raw, to: raw, effectiveFrom: z.date() }),
);
export const templateCategoryAnnounced = defineEvent(
  "template.category_announced",
  1,
  "Meta will store another category for a template from the given time: until then it can still be changed or appealed.",
  z.object({ templateId: z.string(), from: raw, to: raw, effectiveFrom: z.date() }),
);
export const templateQualityChanged = defineEvent(
  "template.quality_changed",
  1,
  "Meta rates the quality of a template differently than before; a low rating leads to pauses.",
  z.object({ templateId: z.string(), from: raw.optional(), to: raw }),
);
