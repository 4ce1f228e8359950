import {
  actAsGranted,
  actAsRevoked,
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRotated,
  badgeAdvanced,
  balanceLow,
  balanceToppedUp,
  budgetReached,
  consentRecorded,
  consentWithdrawn,
  type DataOf,
  dataSubjectClosed,
  endpointDisabled,
  type EventDefinition,
  invoiceFinalized,
  messageReceived,
  messageStatusReceived,
  numberAdded,
  numberChanged,
  numberLive,
  planReleased,
  type PublishedKind,
  signupAbandoned,
  signupAdvanced,
  signupFailed,
  signupOverdue,
  templateAdvanced,
  templateCategoryAnnounced,
  templateCategoryChanged,
  templateQualityChanged,
  tenantChanged,
  wabaChanged,
  wabaLinked,
} from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";

type Show<E> = (data: DataOf<E>, event: EventEnvelope) => Readonly<Record<string, unknown>> | undefined;

/** How an event of ours becomes one of a client's: only the fields that are named here ever leave. */
interface Shown {
  readonly from: EventDefinition;
  readonly kind: string;
  readonly show: (event: EventEnvelope) => Readonly<Record<string, unknown>> | undefined;
}

const shown = <E extends EventDefinition>(from: E, kind: string, show: Show<E>): Shown => ({
  from,
  kind,
  show: (event) => show(event.data as DataOf<E>, event),
});

/** The named fields that have a value. */
const pick = <T extends object>(data: T, ...fields: readonly (keyof T)[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(fields.flatMap((field) => (data[field] === undefined ? [] : [[field, data[field]]])));

const keyFields = ["apiKeyId", "name", "visible", "scopes", "expiresAt"] as const;
const reasonOf = ({ reason }: EventEnvelope): object => (reason === undefined ? {} : { reason });
const updateOf = ({ source }: EventEnvelope): object =>
  source === undefined ? {} : { webhookUpdateId: `${source.sha256}:${source.index}` };
const routed = ["wabaId", "phoneNumberId", "messageKey", "at"] as const;

/** Every event that clients are told of. What has no line here is internal. */
export const shownEvents: readonly Shown[] = [
  shown(signupAdvanced, "onboarding.advanced", (data) => pick(data, "caseId", "done", "next", "waitsFor", "waitsOn")),
  shown(signupFailed, "onboarding.failed", (data) => pick(data, "caseId", "step", "providerCode", "message")),
  shown(signupOverdue, "onboarding.overdue", (data) => pick(data, "caseId", "step", "waitsFor", "waitsOn")),
  shown(signupAbandoned, "onboarding.abandoned", (data) => pick(data, "caseId", "step")),
  shown(wabaLinked, "waba.linked", (data) => pick(data, "wabaId", "recordId", "name", "currency", "timeZone", "from")),
  shown(wabaChanged, "waba.changed", (data) => pick(data, "wabaId", "recordId", "field", "from", "to")),
  shown(numberAdded, "phone_number.added", (data) => pick(data, "phoneNumberId", "recordId", "wabaId")),
  shown(numberLive, "phone_number.live", (data) => pick(data, "phoneNumberId", "recordId", "wabaId", "since")),
  shown(numberChanged, "phone_number.changed", (data) =>
    pick(data, "phoneNumberId", "recordId", "field", "from", "to"),
  ),
  shown(badgeAdvanced, "badge.advanced", (data) => pick(data, "badgeRequestId", "phoneNumberId", "status", "until")),
  shown(templateAdvanced, "template.advanced", (data) =>
    pick(data, "templateId", "metaTemplateId", "wabaId", "name", "language", "status", "metaStatus"),
  ),
  shown(templateCategoryChanged, "template.category_changed", (data) =>
    pick(data, "templateId", "from", "to", "effectiveFrom"),
  ),
  shown(templateCategoryAnnounced, "template.category_announced", (data) =>
    pick(data, "templateId", "from", "to", "effectiveFrom"),
  ),
  shown(templateQualityChanged, "template.quality_changed", (data) => pick(data, "templateId", "from", "to")),
  shown(messageStatusReceived, "message.status", (data, event) => ({
    ...pick(data, ...routed, "status", "errorCodes"),
    ...updateOf(event),
    ...(data.pricing && pick(data.pricing, "category", "billable")),
  })),
  shown(messageReceived, "message.received", (data, event) => ({
    ...pick(data, ...routed, "kind"),
    ...updateOf(event),
  })),
  shown(consentRecorded, "consent.recorded", (data) => pick(data, "consentId", "purpose", "at")),
  shown(consentWithdrawn, "consent.withdrawn", (data) => pick(data, "consentId", "purpose", "at")),
  shown(tenantChanged, "business.changed", (data) => ({
    ...pick(data, "status", "name"),
    changed: (data.changes ?? []).map(({ field }) => field),
  })),
  shown(apiKeyCreated, "api_key.created", (data) => pick(data, ...keyFields)),
  shown(apiKeyRotated, "api_key.rotated", (data) => pick(data, ...keyFields, "oldSecretUntil")),
  shown(apiKeyRevoked, "api_key.revoked", (data) => pick(data, "apiKeyId", "name")),
  shown(actAsGranted, "access.granted", (data, event) => ({
    ...pick(data, "grantId", "until", "scopes"),
    ...reasonOf(event),
  })),
  shown(actAsRevoked, "access.ended", (data, event) => ({ ...pick(data, "grantId"), ...reasonOf(event) })),
  shown(planReleased, "billing.plan_released", (data) => pick(data, "planId", "version", "effectiveFrom", "kind")),
  shown(budgetReached, "billing.budget_reached", (data) =>
    pick(data, "budgetId", "name", "period", "limit", "percent", "currency", "limitMicros", "usedMicros"),
  ),
  shown(balanceLow, "billing.balance_low", (data) => pick(data, "currency", "belowMicros", "availableMicros")),
  shown(balanceToppedUp, "billing.balance_topped_up", (data) =>
    pick(data, "topUpId", "currency", "amountMicros", "source", "reference"),
  ),
  shown(invoiceFinalized, "billing.invoice_finalized", (data) =>
    pick(data, "invoiceId", "month", "currency", "totalMinor"),
  ),
  shown(dataSubjectClosed, "privacy.request_closed", (data) => pick(data, "requestId", "duty", "certificateSha256")),
  shown(endpointDisabled, "endpoint.disabled", (data) => pick(data, "endpointId", "host", "because", "failingSince")),
];

const byType = new Map(shownEvents.map((one) => [one.from.type, one]));

/** What clients are told of it: its kind and the data; undefined for what is internal. */
export function shownOf(event: EventEnvelope): { readonly kind: string; readonly data: object } | undefined {
  const found = byType.get(event.type);
  const data = found?.show(event);
  return found === undefined || data === undefined ? undefined : { kind: found.kind, data };
}

interface About {
  readonly id: string;
  readonly tenantId: string;
  readonly livemode: boolean;
  readonly occurredAt: Date;
  readonly test?: true;
}

/** The exact text of a message: Standard Webhooks' `type`, `timestamp` and `data`, and whose it is. Whole numbers beyond 2^53 as text. */
export const bodyText = ({ kind, version }: PublishedKind, about: About, data: unknown): string =>
  JSON.stringify(
    {
      id: about.id,
      type: kind,
      timestamp: about.occurredAt,
      tenantId: about.tenantId,
      livemode: about.livemode,
      version,
      ...(about.test && { test: true }),
      data,
    },
    (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
  );

/** By version: the texts of all versions of a kind. */
export const bodiesOf = (
  kinds: readonly PublishedKind[],
  { kind, about, data }: { readonly kind: string; readonly about: About; readonly data: unknown },
): Readonly<Record<number, string>> =>
  Object.fromEntries(
    kinds.filter((one) => one.kind === kind).map((one) => [one.version, bodyText(one, about, data)] as const),
  );

/** The version that a receiver of that version of the catalogue gets: the newest that is not newer. */
export function versionFor(kinds: readonly PublishedKind[], kind: string, payloadVersion: number): number {
  const versions = kinds.filter((one) => one.kind === kind).map(({ version }) => version);
  return Math.max(...versions.filter((version) => version <= payloadVersion), Math.min(...versions));
}
