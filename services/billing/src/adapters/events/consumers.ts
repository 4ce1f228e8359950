import {
  billingAccountOpened,
  type DataOf,
  exchangeRateSet,
  numberLive,
  planReleased,
  reconciliationRequested,
  stripeEventReceived,
  tenantClosed,
  wabaChanged,
  wabaLinked,
} from "@greentick/contracts";
import { type Call, type Month, systemScope } from "@greentick/kernel";
import { type ConsumerSpec, type EventHandler, type TenantDirectory } from "@greentick/runtime";
import { type FeeSubjectStore, type WabaBook } from "../../ports.js";
import { type ChangeAccount } from "../../usecases/change-account.js";
import { type NoteTier } from "../../usecases/note-tier.js";
import { accountChange, onAccountReported } from "./account-reports.js";

/** What events wake; one entry a verb. */
export interface BillingVerbs {
  readonly wabas: WabaBook;
  readonly changeAccount: ChangeAccount;
  readonly noteTier: NoteTier;
  readonly feeSubjects: FeeSubjectStore;
  readonly rateWaiting: (call: Call, wabaId?: string) => Promise<void>;
  /** Rates what waited for an exchange rate, of the caller's organisation and all below it. */
  readonly rateExchanged: (call: Call) => Promise<void>;
  /** Answers the first month that Stripe invoices. */
  readonly provision: (call: Call) => Promise<Month>;
  readonly beginMonth: (call: Call, month: Month) => Promise<void>;
  readonly bookFees: (call: Call) => Promise<void>;
  readonly trackInvoice: (call: Call, stripeInvoiceId: string) => Promise<void>;
  readonly endBilling: (call: Call, at: Date) => Promise<void>;
  readonly reconcile: (call: Call, runId: string) => Promise<void>;
}

const scope = systemScope("projection");

const onWabaLinked =
  ({ wabas, rateWaiting }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const { wabaId, name, currency, timeZone, metaBusinessId, from } = event.data as DataOf<typeof wabaLinked>;
    const { tenantId, ancestorIds, livemode } = event;
    const owner = { tenantId, ancestorIds, livemode };
    await wabas.keep(scope, {
      ...owner,
      wabaId,
      name,
      currency,
      timeZone,
      businessId: metaBusinessId,
      since: from,
    });
    await rateWaiting(call, wabaId);
  };

const onWabaChanged =
  ({ changeAccount }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const data = event.data as DataOf<typeof wabaChanged>;
    const change = accountChange(data, event.occurredAt);
    if (change !== undefined) await changeAccount(call, data.wabaId, change);
  };

const onNumberLive =
  ({ wabas, bookFees }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const { since } = event.data as DataOf<typeof numberLive>;
    await wabas.keepLive(scope, event, since);
    await bookFees(call);
  };

const onFeeWaba =
  ({ feeSubjects, bookFees }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const { wabaId, from } = event.data as DataOf<typeof wabaLinked>;
    await feeSubjects.keep(scope, event, { kind: "waba", id: wabaId, since: from });
    await bookFees(call);
  };

const onFeeNumber =
  ({ feeSubjects, bookFees }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const { phoneNumberId, since } = event.data as DataOf<typeof numberLive>;
    await feeSubjects.keep(scope, event, { kind: "number", id: phoneNumberId, since });
    await bookFees(call);
  };

/** The intent first; a fee by days then gives back what lies behind the closing. */
const onClosed =
  ({ endBilling, bookFees }: BillingVerbs): EventHandler =>
  async (call, event) => {
    await endBilling(call, (event.data as DataOf<typeof tenantClosed>).closedAt);
    await bookFees(call);
  };

const onAccountOpened =
  ({ provision, beginMonth, rateWaiting }: BillingVerbs): EventHandler =>
  async (call) => {
    await beginMonth(call, await provision(call));
    await rateWaiting(call);
  };

const onPlanReleased =
  ({ rateWaiting, bookFees }: BillingVerbs): EventHandler =>
  async (call) => {
    await rateWaiting(call);
    await bookFees(call);
  };

/** Only events about invoices; the invoice itself is read again, whatever the event said. */
const onStripeEvent =
  ({ trackInvoice }: BillingVerbs): EventHandler =>
  async (call, event) => {
    const { objectKind, objectId } = event.data as DataOf<typeof stripeEventReceived>;
    if (objectKind === "invoice") await trackInvoice(call, objectId);
  };

/** Which event wakes what. */
export function billingConsumers(verbs: BillingVerbs, directory: TenantDirectory): readonly ConsumerSpec[] {
  return [
    { name: "billing.tenants", on: directory.handlers },
    {
      name: "billing.accounts",
      on: [
        { event: wabaLinked, handle: onWabaLinked(verbs) },
        { event: wabaChanged, handle: onWabaChanged(verbs) },
        { event: numberLive, handle: onNumberLive(verbs) },
        onAccountReported(verbs.noteTier),
      ],
    },
    {
      name: "billing.fees",
      on: [
        { event: wabaLinked, handle: onFeeWaba(verbs) },
        { event: numberLive, handle: onFeeNumber(verbs) },
      ],
    },
    {
      name: "billing.intents",
      on: [
        { event: billingAccountOpened, handle: onAccountOpened(verbs) },
        { event: planReleased, handle: onPlanReleased(verbs) },
        { event: exchangeRateSet, handle: (call) => verbs.rateExchanged(call) },
        { event: tenantClosed, handle: onClosed(verbs) },
        {
          event: reconciliationRequested,
          handle: (call, event) => verbs.reconcile(call, (event.data as DataOf<typeof reconciliationRequested>).runId),
        },
      ],
    },
    { name: "billing.stripe", on: [{ event: stripeEventReceived, handle: onStripeEvent(verbs) }] },
  ];
}
