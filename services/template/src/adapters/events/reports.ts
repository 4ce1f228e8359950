import { type DataOf, templateReported, wabaLinked } from "@greentick/contracts";
import { type EventEnvelope, type Word, word } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";
import { categories, type Category } from "../../domain/content.js";
import { type MetaReport } from "../../domain/meta-side.js";
import { type NoteReport } from "../../usecases/note-report.js";
import { type NoteWaba } from "../../usecases/read-templates.js";

type Reported = DataOf<typeof templateReported>;

const categoryWord = ({ raw }: { readonly raw: string }): Word<Category> => word(categories, raw);

/** What a webhook says, in the words of the domain. In an announcement `newCategory` is the category of today. */
function reportOf(data: Reported): MetaReport {
  const { at, event, reason, explanation, newCategory, correctCategory, effectiveAt, newQuality } = data;
  const source = data.field === "template_category_update" ? "category" : "status";
  return {
    at,
    ...(event && {
      status: {
        word: event,
        ...(reason !== undefined && { reason }),
        ...(explanation !== undefined && { explanation }),
      },
    }),
    ...(newCategory && { category: { word: categoryWord(newCategory), source } }),
    ...(correctCategory && { announcement: { to: categoryWord(correctCategory), effectiveAt: effectiveAt ?? at } }),
    ...(newQuality !== undefined && { quality: word(["GREEN", "YELLOW", "RED"], newQuality) }),
  };
}

/** What Meta says about templates, and which accounts are whose. */
export const reportConsumer = (use: {
  readonly noteReport: NoteReport;
  readonly noteWaba: NoteWaba;
}): ConsumerSpec => ({
  name: "template.reports",
  permissions: ["template:write"],
  on: [
    {
      event: templateReported,
      handle: async (call, event: EventEnvelope) => {
        const data = event.data as Reported;
        const { metaTemplateId, wabaId, name, language } = data;
        const named = { ...(name !== undefined && { name }), ...(language !== undefined && { language }) };
        await use.noteReport(call, { metaTemplateId, wabaId, ...named, report: reportOf(data) });
      },
    },
    {
      event: wabaLinked,
      handle: async (call, event: EventEnvelope) => {
        const { wabaId, recordId, from } = event.data as DataOf<typeof wabaLinked>;
        await use.noteWaba(call, { wabaId, recordId, since: from });
      },
    },
  ],
});
