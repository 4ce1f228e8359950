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
    name: z.string(),
    language: z.string(),
    status: z.string(),
  }),
);
export const templateCategoryChanged = defineEvent(
  "template.category_changed",
  1,
  "Meta stores another category for a template than before; the new one sets the price of every later message.",
  z.object({ templateId: z.string(), from: raw, to: raw, effectiveFrom: z.date() }),
);
