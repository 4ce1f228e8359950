import { type JsonValue, idAt, objectAt, secondsAt, textAt } from "./json.js";
import { given } from "./status-update.js";
import { type AccountUpdate, type NumberUpdate, type TemplateUpdate } from "./webhook-types.js";
import { accountEvents, metaWord, nameDecisions, numberEvents, templateCategories, templateEvents } from "./words.js";

/** The value of a template field (status, category, quality, components); undefined without a template id. */
export function readTemplate(value: JsonValue): TemplateUpdate | undefined {
  const id = idAt(value, "message_template_id");
  if (id === undefined) return undefined;
  return {
    id,
    ...given("name", textAt(value, "message_template_name")),
    ...given("language", textAt(value, "message_template_language")?.replace("-", "_")),
    ...decisionParts(value),
    ...categoryParts(value),
    ...given("previousQuality", textAt(value, "previous_quality_score")),
    ...given("newQuality", textAt(value, "new_quality_score")),
  };
}

function decisionParts(value: JsonValue): Partial<TemplateUpdate> {
  const event = textAt(value, "event");
  const reason = textAt(value, "reason");
  const explained =
    textAt(objectAt(value, "rejection_info"), "reason") ?? textAt(objectAt(value, "other_info"), "description");
  return {
    ...(event === undefined ? {} : { event: metaWord(templateEvents, event) }),
    ...(reason === undefined || reason === "NONE" ? {} : { reason }),
    ...given("explanation", explained),
  };
}

/** In the announcing form `new_category` is the category the template has now and `correct_category` the coming one (Meta: template_category_update). */
function categoryParts(value: JsonValue): Partial<TemplateUpdate> {
  const category = textAt(value, "message_template_category") ?? textAt(value, "new_category");
  const previous = textAt(value, "previous_category");
  const coming = textAt(value, "correct_category");
  return {
    ...(category === undefined ? {} : { category: metaWord(templateCategories, category) }),
    ...(previous === undefined ? {} : { previousCategory: metaWord(templateCategories, previous) }),
    ...(coming === undefined ? {} : { correctCategory: metaWord(templateCategories, coming) }),
    ...given("effectiveAt", secondsAt(value, "category_update_timestamp")),
  };
}

/** The value of a number field: name decision, quality, PIN events. */
export function readNumber(value: JsonValue): NumberUpdate {
  const decision = textAt(value, "decision") ?? textAt(value, "event");
  const detail =
    textAt(value, "rejection_reason") ??
    textAt(value, "requested_verified_name") ??
    textAt(value, "max_daily_conversations_per_business") ??
    textAt(value, "current_limit");
  return {
    ...given("displayPhoneNumber", textAt(value, "display_phone_number")),
    ...(decision === undefined ? {} : { decision: metaWord<string>([...nameDecisions, ...numberEvents], decision) }),
    ...given("detail", detail),
  };
}

/** The value of an account field. `account_alerts` has an older form with the keys of `alert_info` directly in the value. */
export function readAccount(value: JsonValue): AccountUpdate {
  const alert = objectAt(value, "alert_info");
  const event =
    textAt(value, "event") ?? textAt(alert, "alert_type") ?? textAt(value, "alert_type") ?? textAt(value, "decision");
  return {
    ...(event === undefined ? {} : { event: metaWord<string>(accountEvents, event) }),
    ...given("entityType", textAt(value, "entity_type")),
    ...given("entityId", idAt(value, "entity_id")),
  };
}
