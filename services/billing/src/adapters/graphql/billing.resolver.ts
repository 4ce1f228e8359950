import { type Connection, Money, moneyOf, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call, zero } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ExplainCharge } from "../../usecases/explain-charge.js";
import { type OpenBillingAccount } from "../../usecases/open-account.js";
import { type EntryQuery, type Reach, type ReadBilling } from "../../usecases/read-billing.js";
import { type RequestReconciliation } from "../../usecases/request-reconciliation.js";
import { type SetMarginFloor } from "../../usecases/margin-floor.js";
import { type SetExchangeRate } from "../../usecases/set-exchange-rate.js";
import { type SetPricePlan } from "../../usecases/set-price-plan.js";
import { type WhatIfQuery } from "../../usecases/what-if.js";
import { once } from "./amounts.js";
import {
  EntryArgs,
  InvoiceArgs,
  OpenBillingAccountInput,
  OpenBillingAccountPayload,
  RunReconciliationInput,
  RunReconciliationPayload,
  UsageArgs,
} from "./inputs.js";
import {
  BillingMonthNode,
  BucketTotalNode,
  ChargeExplanationNode,
  InvoiceConnection,
  InvoiceLineNode,
  InvoiceNode,
  MonthSummaryNode,
  ReconciliationRunConnection,
  ReconciliationRunNode,
  StatementNode,
  StatementRowNode,
} from "./month-types.js";
import {
  BillingAccountConnection,
  BillingAccountNode,
  LedgerEntryConnection,
  LedgerEntryNode,
  PostingNode,
  ReasonNode,
  TenantWithBilling,
  UnratedFactConnection,
  UnratedFactNode,
  UsageWindowNode,
} from "./types.js";
import {
  type EntryNode,
  type InvoiceWire,
  toAccount,
  toEntry,
  toExplanation,
  toInvoice,
  toLine,
  toMonth,
  toRun,
  toStatement,
  toSummary,
  toUnrated,
  toWindow,
} from "./wire.js";

export interface BillingUses {
  readonly read: ReadBilling;
  readonly openBillingAccount: OpenBillingAccount;
  readonly setPricePlan: SetPricePlan;
  readonly setExchangeRate: SetExchangeRate;
  readonly setMarginFloor: SetMarginFloor;
  readonly whatIf: WhatIfQuery;
  readonly explainCharge: ExplainCharge;
  readonly requestReconciliation: RequestReconciliation;
}

/** Without what was not given or is null. */
const given = (asked: object): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value != null));

const queryOf = ({ filter }: EntryArgs): EntryQuery => given(filter ?? {});

@Resolver()
export class BillingResolver {
  constructor(private readonly use: BillingUses) {}

  @Requires("billing:write")
  @Mutation(() => OpenBillingAccountPayload, {
    description:
      "Opens the caller's billing; Stripe's customer and subscription follow. The same input again gives the same account. Fails with CONFLICT/billing_account_exists for another input, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT/unknown_market, BAD_USER_INPUT/too_many_markets.",
  })
  async openBillingAccount(
    @Arg("input") input: OpenBillingAccountInput,
    @Ctx() call: Call,
  ): Promise<OpenBillingAccountPayload> {
    const account = await this.use.openBillingAccount(once(call, input.idempotencyKey), {
      ...(input.name != null && { name: input.name }),
      ...(input.currency != null && { currency: input.currency }),
      markets: input.markets ?? [],
    });
    return { account: toAccount(account) };
  }

  @Requires("billing:write")
  @Mutation(() => RunReconciliationPayload, {
    description:
      "Asks for a comparison of a month over all clients; it runs at once, read the run again. Fails with FORBIDDEN/staff_only, BAD_USER_INPUT naming `month`.",
  })
  async runReconciliation(
    @Arg("input") input: RunReconciliationInput,
    @Ctx() call: Call,
  ): Promise<RunReconciliationPayload> {
    const run = await this.use.requestReconciliation(once(call, input.idempotencyKey), { month: input.month });
    return { run: toRun(run) };
  }

  @Requires("billing:read")
  @Query(() => BillingAccountNode, { nullable: true, description: "The caller's own; null while none is open." })
  async billingAccount(@Ctx() call: Call): Promise<BillingAccountNode | null> {
    const account = await this.use.read.account(call);
    return account === undefined ? null : toAccount(account);
  }

  @Requires("billing:list")
  @Query(() => BillingAccountConnection, { description: "Every client's, newest first. Staff only." })
  async billingAccounts(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<BillingAccountNode>> {
    return toConnection(await this.use.read.accounts(call, pageOf(page)), toAccount);
  }

  @Requires("billing:read")
  @Query(() => LedgerEntryConnection, { description: "The caller's ledger, latest delivery first." })
  ledgerEntries(@Args() ask: EntryArgs, @Ctx() call: Call): Promise<Connection<LedgerEntryNode>> {
    return this.entries(call, "own", ask);
  }

  @Requires("billing:list")
  @Query(() => LedgerEntryConnection, { description: "Every client's ledger. Staff only." })
  allLedgerEntries(@Args() ask: EntryArgs, @Ctx() call: Call): Promise<Connection<LedgerEntryNode>> {
    return this.entries(call, "below", ask);
  }

  private async entries(call: Call, reach: Reach, ask: EntryArgs): Promise<Connection<LedgerEntryNode>> {
    return toConnection(await this.use.read.entries(call, reach, { page: pageOf(ask), filter: queryOf(ask) }), toEntry);
  }

  @Requires("billing:read")
  @Query(() => [UsageWindowNode], {
    description:
      "What the caller's ledger amounts to by bucket and UTC day, and what Stripe was told of it: of a month, or of other days, 92 at most; without any those up to now. Fails with BAD_USER_INPUT naming the field.",
  })
  async usage(@Args() ask: UsageArgs, @Ctx() call: Call): Promise<UsageWindowNode[]> {
    const account = await this.use.read.account(call);
    const days = await this.use.read.usage(call, given(ask));
    return account === undefined ? [] : days.map((day) => toWindow(day, account.currency));
  }

  @Requires("billing:read")
  @Query(() => StatementNode, {
    description:
      "What the caller is charged for in a month: counts, markets, categories, rates, free ones, totals. Fails with BAD_USER_INPUT naming `month`.",
  })
  async statement(@Arg("month") month: string, @Ctx() call: Call): Promise<StatementNode> {
    return toStatement(await this.use.read.statement(call, { tenantId: call.tenantId, month }));
  }

  @Requires("billing:read")
  @Query(() => UnratedFactConnection, { description: "Delivered and without a price yet, each with its reason." })
  async unratedFacts(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<UnratedFactNode>> {
    return toConnection(await this.use.read.unrated(call, "own", pageOf(page)), toUnrated);
  }

  @Requires("billing:list")
  @Query(() => UnratedFactConnection, { description: "The same for every client. Staff only." })
  async allUnratedFacts(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<UnratedFactNode>> {
    return toConnection(await this.use.read.unrated(call, "below", pageOf(page)), toUnrated);
  }

  @Requires("billing:read")
  @Query(() => InvoiceConnection, { description: "The caller's invoices, newest first." })
  async invoices(@Args() ask: InvoiceArgs, @Ctx() call: Call): Promise<Connection<InvoiceNode>> {
    return toConnection(await this.use.read.invoices(call, "own", invoiceAsk(ask)), toInvoice);
  }

  @Requires("billing:list")
  @Query(() => InvoiceConnection, { description: "Every client's invoices, newest first. Staff only." })
  async allInvoices(@Args() ask: InvoiceArgs, @Ctx() call: Call): Promise<Connection<InvoiceNode>> {
    return toConnection(await this.use.read.invoices(call, "below", invoiceAsk(ask)), toInvoice);
  }

  @Requires("billing:read")
  @Query(() => InvoiceNode, { nullable: true, description: "Null when it is not there or not the caller's to see." })
  async invoice(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<InvoiceNode | null> {
    const [invoice] = await this.use.read.invoicesById(call, [id]);
    return invoice === undefined ? null : toInvoice(invoice);
  }

  @Requires("billing:read")
  @Query(() => ChargeExplanationNode, {
    description: "Why a charge is what it is, rated again on the spot. Fails with NOT_FOUND/ledger_entry_not_found.",
  })
  async explainCharge(@Arg("entryId", () => ID) entryId: string, @Ctx() call: Call): Promise<ChargeExplanationNode> {
    const found = await this.use.explainCharge(call, entryId);
    return toExplanation(found, (await this.use.read.statement(call, found.entry)).rows);
  }

  @Requires("billing:read")
  @Query(() => MonthSummaryNode, { description: "The caller's month in figures." })
  async monthSummary(@Arg("month") month: string, @Ctx() call: Call): Promise<MonthSummaryNode> {
    return toSummary(await this.use.read.summary(call, "own", month));
  }

  @Requires("billing:list")
  @Query(() => MonthSummaryNode, { description: "The month in figures over every client. Staff only." })
  async allMonthSummary(@Arg("month") month: string, @Ctx() call: Call): Promise<MonthSummaryNode> {
    return toSummary(await this.use.read.summary(call, "below", month));
  }

  @Requires("billing:read")
  @Query(() => BillingMonthNode, { nullable: true, description: "Where a month is on its way to its invoice." })
  async billingMonth(@Arg("month") text: string, @Ctx() call: Call): Promise<BillingMonthNode | null> {
    const month = await this.use.read.month(call, text);
    return month === undefined ? null : toMonth(month);
  }

  @Requires("billing:list")
  @Query(() => ReconciliationRunConnection, { description: "Comparisons of months, newest first. Staff only." })
  async reconciliationRuns(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<ReconciliationRunNode>> {
    return toConnection(await this.use.read.runs(call, pageOf(page)), toRun);
  }

  @Requires("billing:list")
  @Query(() => ReconciliationRunNode, { nullable: true })
  async reconciliationRun(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<ReconciliationRunNode | null> {
    const [run] = await this.use.read.runsById(call, [id]);
    return run === undefined ? null : toRun(run);
  }
}

const invoiceAsk = (ask: InvoiceArgs): { page: { first: number; after?: string }; month?: string } => ({
  page: pageOf(ask),
  ...(ask.month != null && { month: ask.month }),
});

/** The cost side of a sum, which only staff see. */
@Resolver(() => BucketTotalNode)
export class BucketTotalResolver {
  @Requires("billing:cost")
  @FieldResolver(() => Money, {
    nullable: true,
    description: "What Meta charges us for it; null when its accounts are in several currencies. Staff only.",
  })
  cost(@Root() { charge, costsByCurrency }: BucketTotalNode): Money | null {
    if (costsByCurrency.length > 1) return null;
    return moneyOf(costsByCurrency[0] ?? zero(charge.currency));
  }

  @Requires("billing:cost")
  @FieldResolver(() => [Money], {
    nullable: true,
    description: "The same, one sum for each currency of its WhatsApp accounts, without zeros. Staff only.",
  })
  costs(@Root() node: BucketTotalNode): Money[] {
    return node.costsByCurrency.map(moneyOf);
  }
}

/** The cost side of a statement, which only staff see. */
@Resolver(() => StatementRowNode)
export class StatementRowResolver {
  @Requires("billing:cost")
  @FieldResolver(() => Money, { nullable: true, description: "What Meta charges us for it. Staff only." })
  cost(@Root() node: StatementRowNode): Money {
    return moneyOf(node.costOf);
  }
}

/** The side that only staff see. */
@Resolver(() => LedgerEntryNode)
export class LedgerEntryResolver {
  @Requires("billing:cost")
  @FieldResolver(() => Money, { nullable: true, description: "What Meta charges us. Staff only." })
  cost(@Root() node: LedgerEntryNode): Money {
    return moneyOf((node as EntryNode).entry.cost);
  }

  @Requires("billing:cost")
  @FieldResolver(() => [ReasonNode], {
    nullable: true,
    description: "Why Meta charges less than the list rate: the volume tier that was reached. Staff only.",
  })
  costReasons(@Root() node: LedgerEntryNode): ReasonNode[] {
    return [...((node as EntryNode).entry.service?.costReasons ?? [])];
  }

  @Requires("billing:cost")
  @FieldResolver(() => [PostingNode], { nullable: true, description: "Both sides, balanced. Staff only." })
  postings(@Root() node: LedgerEntryNode): PostingNode[] {
    return (node as EntryNode).entry.postings.map(({ account, amount }) => ({ account, amount: moneyOf(amount) }));
  }
}

@Resolver(() => InvoiceNode)
export class InvoiceResolver {
  constructor(private readonly use: Pick<BillingUses, "read">) {}

  @Requires("billing:read")
  @FieldResolver(() => [InvoiceLineNode], { description: "Stripe's lines, each with what was delivered behind it." })
  async lines(@Root() node: InvoiceNode, @Ctx() call: Call): Promise<InvoiceLineNode[]> {
    const { invoice } = node as InvoiceWire;
    const { rows } = await this.use.read.statement(call, invoice);
    return invoice.lines.map((line) => toLine(invoice.currency, line, rows));
  }
}

/** What billing knows of an organisation. */
@Resolver(() => TenantWithBilling)
export class TenantBillingResolver {
  constructor(private readonly use: Pick<BillingUses, "read">) {}

  @Requires("billing:read")
  @FieldResolver(() => BillingAccountNode, { nullable: true, description: "How it is billed; null while it is not." })
  async billing(@Root() tenant: TenantWithBilling, @Ctx() call: Call): Promise<BillingAccountNode | null> {
    const [account] = await this.use.read.accountsOf(call, [tenant.id]);
    return account === undefined ? null : toAccount(account);
  }
}
