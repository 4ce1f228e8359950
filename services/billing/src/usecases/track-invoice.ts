import { AppError, type Call, type Month, type Scope, systemScope, tenantScope, utcMonthOf } from "@greentick/kernel";
import { type BillingAccount } from "../domain/account.js";
import { type Invoice, type StripeInvoice } from "../domain/invoice.js";
import { without } from "../domain/without.js";
import { type AccountStore, type BillingProvider, type InvoiceStore } from "../ports.js";

export interface InvoicePorts {
  readonly accounts: AccountStore;
  readonly invoices: InvoiceStore;
  readonly provider: BillingProvider;
  /** A call of ours in a client's tenant. */
  readonly callFor: (owner: Pick<BillingAccount, "tenantId" | "ancestorIds" | "livemode">) => Call;
}

const scope = systemScope("month-close");

/** The month whose usage the invoice bills: that of its metered lines. Undefined for an invoice without any. */
function monthOfInvoice({ lines }: Pick<StripeInvoice, "lines">): Month | undefined {
  const ends = lines.filter(({ bucket }) => bucket !== undefined).map(({ periodEnd }) => periodEnd.getTime());
  return ends.length === 0 ? undefined : utcMonthOf(new Date(Math.max(...ends) - 1));
}

/**
 * Stripe said that something about an invoice changed: its current state is read, the mirror follows, and a draft is kept from finalizing by
 * itself until its month was compared. Invoices of customers that are not ours, and invoices without metered lines, are left alone.
 */
export const trackInvoice =
  (ports: InvoicePorts) =>
  async (call: Call, stripeInvoiceId: string): Promise<void> => {
    const current = await ports.provider.getInvoice(call.livemode, stripeInvoiceId);
    if (current === undefined) return;
    const account = await ports.accounts.findOne(scope, { customerId: current.customerId });
    const month = monthOfInvoice(current);
    if (account === undefined || month === undefined) return;
    await keepInvoice(ports, ports.callFor(account), { current, month });
    if (current.status === "draft" && current.autoAdvance) await ports.provider.hold(account.livemode, stripeInvoiceId);
  };

/** Writes the mirror of an invoice; a second writer's version is read again. */
export async function keepInvoice(
  ports: Pick<InvoicePorts, "invoices">,
  call: Call,
  { current, month }: { readonly current: StripeInvoice; readonly month: Month },
): Promise<Invoice> {
  const facts = without(current, "autoAdvance");
  const owned: Scope = tenantScope(call);
  const before = await ports.invoices.findOne(owned, { stripeInvoiceId: current.stripeInvoiceId });
  if (before !== undefined) {
    if (before.status !== "draft" && current.status === "draft") return before;
    return same(before, facts) ? before : ports.invoices.save(call, { ...before, ...facts }, []);
  }
  const fresh: Invoice = {
    ...facts,
    id: call.newId("invoice"),
    tenantId: call.tenantId,
    ancestorIds: call.ancestorIds,
    livemode: call.livemode,
    version: 0,
    month,
  };
  return ports.invoices.insert(call, fresh, []).catch(async (error: unknown) => {
    const first = await ports.invoices.findOne(owned, { stripeInvoiceId: current.stripeInvoiceId });
    if (!(error instanceof AppError) || first === undefined) throw error;
    return first;
  });
}

const same = (before: Invoice, facts: Omit<StripeInvoice, "autoAdvance">): boolean =>
  before.status === facts.status &&
  before.totalMinor === facts.totalMinor &&
  before.number === facts.number &&
  lineWords(before.lines) === lineWords(facts.lines);

const lineWords = (lines: StripeInvoice["lines"]): string =>
  lines.map((line) => [line.stripeLineId, line.quantity, line.amountMinor].join(":")).join("|");
