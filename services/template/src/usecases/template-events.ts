import {
  event,
  type EventOptions,
  templateAdvanced,
  templateCategoryAnnounced,
  templateCategoryChanged,
  templateQualityChanged,
} from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { latestWord, upcomingCategory } from "../domain/meta-side.js";
import { categoriesOf, categoryOf, type Template } from "../domain/template.js";

export function advanced(template: Template, options: EventOptions = {}): DomainEvent {
  const metaStatus = latestWord(template.meta);
  const data = {
    templateId: template.id,
    ...(template.metaTemplateId !== undefined && { metaTemplateId: template.metaTemplateId }),
    wabaId: template.wabaId,
    name: template.name,
    language: template.language,
    status: template.status,
    ...(metaStatus && { metaStatus }),
  };
  return event(templateAdvanced, data, { partitionKey: template.id, ...options });
}

/** What the world should hear about the step from one state of a template to the next; nothing for what stayed. */
export function changesBetween(before: Template, after: Template, options: EventOptions = {}): readonly DomainEvent[] {
  const isMove = before.status !== after.status || before.metaTemplateId !== after.metaTemplateId;
  return [
    ...(isMove ? [advanced(after, options)] : []),
    ...categoryEvents(before, after, options),
    ...qualityEvents(before, after, options),
  ];
}

function categoryEvents(before: Template, after: Template, options: EventOptions): readonly DomainEvent[] {
  const [from, to] = [categoryOf(before), categoryOf(after)];
  const steps = categoriesOf(after);
  const step = steps.at(-1);
  const changed =
    from !== undefined && to !== undefined && step !== undefined && from.raw.toUpperCase() !== to.raw.toUpperCase()
      ? [event(templateCategoryChanged, { templateId: after.id, from, to, effectiveFrom: step.at }, options)]
      : [];
  return [...changed, ...announcedEvents(before, after, options)];
}

function announcedEvents(before: Template, after: Template, options: EventOptions): readonly DomainEvent[] {
  const from = categoryOf(after);
  const [known, coming] = [upcomingCategory(before.meta, categoryOf(before)), upcomingCategory(after.meta, from)];
  if (coming === undefined || from === undefined) return [];
  if (known?.to.raw === coming.to.raw && known.effectiveAt.getTime() === coming.effectiveAt.getTime()) return [];
  const data = { templateId: after.id, from, to: coming.to, effectiveFrom: coming.effectiveAt };
  return [event(templateCategoryAnnounced, data, options)];
}

function qualityEvents(before: Template, after: Template, options: EventOptions): readonly DomainEvent[] {
  const [from, to] = [before.meta.qualities.at(-1)?.word, after.meta.qualities.at(-1)?.word];
  if (to === undefined || from?.raw === to.raw) return [];
  return [event(templateQualityChanged, { templateId: after.id, ...(from && { from }), to }, options)];
}
