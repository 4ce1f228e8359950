import { word } from "@greentick/kernel";
import { type Body, type Button, type Header } from "../../domain/content.js";
import { latestWord, type StatusReport, upcomingCategory } from "../../domain/meta-side.js";
import { categoriesOf, categoryOf, type Template } from "../../domain/template.js";
import { type BodyShape, type ButtonShape, type HeaderShape } from "./content.types.js";
import { given } from "./content.js";
import { type RejectionType, rejectionReasons, type TemplateType } from "./template.types.js";

const headerShape = (header: Header): HeaderShape => ({ ...header, samples: [...header.samples] });
const bodyShape = (body: Body): BodyShape => ({ ...body, samples: [...body.samples] });
const buttonShape = (button: Button): ButtonShape => ({ ...button });

/** The report that made it rejected, while it is. */
function rejectionOf({ status, meta }: Template): RejectionType | undefined {
  const last: StatusReport | undefined = meta.statuses.findLast((one) => one.word.known === "REJECTED");
  if (status !== "rejected") return undefined;
  if (last === undefined) return meta.accepted && { at: meta.accepted.at };
  const { at, reason, explanation } = last;
  return { at, ...(reason !== undefined && { reason: word(rejectionReasons, reason) }), ...given({ explanation }) };
}

const contentParts = ({ content }: Template): Pick<TemplateType, "header" | "body" | "footer" | "buttons"> => ({
  ...(content?.header && { header: headerShape(content.header) }),
  ...(content && { body: bodyShape(content.body) }),
  ...(content?.footer && { footer: { ...content.footer } }),
  buttons: (content?.buttons ?? []).map(buttonShape),
});

/** A template as the graph shows it. */
export function toTemplate(template: Template): TemplateType {
  const { id, tenantId, wabaId, name, language, status, draftedAt, metaTemplateId, findings, failure, reviews, meta } =
    template;
  const category = categoryOf(template);
  return {
    id,
    livemode: template.livemode,
    wabaId,
    name,
    language,
    status,
    draftedAt,
    reviews,
    tenant: { id: tenantId },
    ...contentParts(template),
    statusHistory: meta.statuses,
    categoryHistory: categoriesOf(template).map(({ at, word: is, how }) => ({ at, category: is, source: how })),
    qualityHistory: meta.qualities.map(({ at, word: is }) => ({ at, quality: is })),
    ...given({
      metaTemplateId,
      findings,
      submissionFailure: failure,
      metaStatus: latestWord(meta),
      category,
      upcomingCategory: upcomingCategory(meta, category),
      quality: meta.qualities.at(-1)?.word,
      rejection: rejectionOf(template),
    }),
  };
}
