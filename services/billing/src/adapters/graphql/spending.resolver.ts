import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { badInput, type Call, utcMonthOf } from "@greentick/kernel";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { type BudgetScope } from "../../domain/spending.js";
import { isCardCategory } from "../../domain/words.js";
import { type EstimateCharge, type EstimateRequest } from "../../usecases/estimate-charge.js";
import { type SetPrepaid, type TopUpBalance } from "../../usecases/prepaid.js";
import { type ReadSpending } from "../../usecases/read-spending.js";
import { type ReleaseReservation, type ReserveCharge } from "../../usecases/reserve-charge.js";
import { type RemoveBudget, type SetBudget } from "../../usecases/set-budget.js";
import { micros, once } from "./amounts.js";
import {
  ChargeEstimateNode,
  EstimateArgs,
  ReleaseReservationInput,
  ReleaseReservationPayload,
  RemoveBudgetInput,
  RemoveBudgetPayload,
  ReservationArgs,
  ReservationConnection,
  type ReservationNode,
  ReserveChargeInput,
  ReserveChargePayload,
  SetBudgetInput,
  SetBudgetPayload,
  SetPrepaidInput,
  SetPrepaidPayload,
  SpendingNode,
  TopUpBalanceInput,
  TopUpBalancePayload,
  TopUpConnection,
  type TopUpNode,
} from "./spending-types.js";
import { toBudget, toEstimate, toReservation, toSpending, toTopUp } from "./spending-wire.js";

export interface SpendingUses {
  readonly read: ReadSpending;
  readonly estimateCharge: EstimateCharge;
  readonly setBudget: SetBudget;
  readonly removeBudget: RemoveBudget;
  readonly setPrepaid: SetPrepaid;
  readonly topUpBalance: TopUpBalance;
  readonly reserveCharge: ReserveCharge;
  readonly releaseReservation: ReleaseReservation;
}

const usualAlerts = [80, 100];

const requestOf = ({ wabaId, categories, recipient, country, window }: EstimateArgs): EstimateRequest => ({
  wabaId,
  categories,
  window: window ?? "unknown",
  ...(recipient != null && { recipient }),
  ...(country != null && { country }),
});

/** @throws BAD_USER_INPUT naming what the scope needs and what does not belong to it. */
function scopeOf({ scope: asked, category, templateId, apiKeyId }: SetBudgetInput): BudgetScope {
  const scope = asked ?? "all";
  const given = { category, templateId, apiKeyId };
  const needed = { all: undefined, category: "category", template: "templateId", api_key: "apiKeyId" }[scope];
  const stray = Object.entries(given).find(([name, value]) => name !== needed && value != null);
  if (stray !== undefined) throw badInput(stray[0], "does not belong to a budget of this scope");
  if (scope === "category" && category != null) {
    if (!isCardCategory(category))
      throw badInput("category", `"${category.slice(0, 40)}" is no category of a rate card`);
    return { kind: "category", category };
  }
  if (scope === "template" && templateId != null) return { kind: "template", templateId };
  if (scope === "api_key" && apiKeyId != null) return { kind: "api_key", apiKeyId };
  if (needed !== undefined) throw badInput(needed, "is needed for a budget of this scope");
  return { kind: "all" };
}

/** Estimates, budgets, reservations and the prepaid balance. */
@Resolver()
export class SpendingResolver {
  constructor(private readonly use: SpendingUses) {}

  @Requires("charge:estimate")
  @Query(() => ChargeEstimateNode, {
    description:
      "What a message would cost if it were delivered now. Nothing is kept of the question. Fails with NOT_FOUND/waba_not_found, BAD_USER_INPUT naming the field.",
  })
  async estimateCharge(@Args() ask: EstimateArgs, @Ctx() call: Call): Promise<ChargeEstimateNode> {
    return toEstimate(await this.use.estimateCharge(call, requestOf(ask)));
  }

  @Requires("billing:read")
  @Query(() => SpendingNode, {
    nullable: true,
    description: "The caller's budgets and prepaid balance; null while nothing was set.",
  })
  async spending(@Ctx() call: Call): Promise<SpendingNode | null> {
    const spending = await this.use.read.spending(call);
    return spending === undefined ? null : toSpending(spending, utcMonthOf(call.now()));
  }

  @Requires("billing:read")
  @Query(() => ReservationConnection, { description: "The caller's reservations, newest first." })
  async reservations(@Args() ask: ReservationArgs, @Ctx() call: Call): Promise<Connection<ReservationNode>> {
    const found = await this.use.read.reservations(call, { page: pageOf(ask), openOnly: ask.openOnly });
    return toConnection(found, toReservation);
  }

  @Requires("billing:read")
  @Query(() => TopUpConnection, { description: "What the caller paid in, newest first." })
  async topUps(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<TopUpNode>> {
    return toConnection(await this.use.read.topUps(call, pageOf(page)), toTopUp);
  }

  @Requires("budget:write")
  @Mutation(() => SetBudgetPayload, {
    description:
      "Sets a budget, or gives one other limits. A new one has counted its month so far; what was reserved before is not held in it. Fails with BAD_USER_INPUT naming the field, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT/budget_fixed, CONFLICT/too_many_budgets, NOT_FOUND/budget_not_found, NOT_FOUND/billing_account_not_found.",
  })
  async setBudget(@Arg("input") input: SetBudgetInput, @Ctx() call: Call): Promise<SetBudgetPayload> {
    const { softLimit, hardLimit } = input;
    const { budget, spending } = await this.use.setBudget(once(call, input.idempotencyKey), {
      ...(input.budgetId != null && { budgetId: input.budgetId }),
      name: input.name,
      scope: scopeOf(input),
      period: input.period ?? "month",
      currency: input.currency,
      ...(softLimit != null && { softMicros: micros("softLimit", softLimit) }),
      ...(hardLimit != null && { hardMicros: micros("hardLimit", hardLimit) }),
      alertPercents: input.alertPercents ?? usualAlerts,
    });
    return { budget: toBudget(budget, spending.currency, utcMonthOf(call.now())) };
  }

  @Requires("budget:write")
  @Mutation(() => RemoveBudgetPayload, { description: "Fails with NOT_FOUND/budget_not_found." })
  async removeBudget(@Arg("input") input: RemoveBudgetInput, @Ctx() call: Call): Promise<RemoveBudgetPayload> {
    return { spending: toSpending(await this.use.removeBudget(call, input.budgetId), utcMonthOf(call.now())) };
  }

  @Requires("billing:write")
  @Mutation(() => SetPrepaidPayload, {
    description:
      "Lets the client pay in advance from today (UTC) on, or changes the terms. It does not end. Fails with BAD_USER_INPUT naming the field, NOT_FOUND/billing_account_not_found.",
  })
  async setPrepaid(@Arg("input") input: SetPrepaidInput, @Ctx() call: Call): Promise<SetPrepaidPayload> {
    const spending = await this.use.setPrepaid(call, {
      overdraftMicros: input.overdraft == null ? 0n : micros("overdraft", input.overdraft),
      alertsBelow: (input.alertsBelow ?? []).map((below) => micros("alertsBelow", below)),
    });
    return { spending: toSpending(spending, utcMonthOf(call.now())) };
  }

  @Requires("billing:write")
  @Mutation(() => TopUpBalancePayload, {
    description:
      "Notes what the client paid in. Fails with CONFLICT/not_prepaid, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT naming the field.",
  })
  async topUpBalance(@Arg("input") input: TopUpBalanceInput, @Ctx() call: Call): Promise<TopUpBalancePayload> {
    const { topUp, spending } = await this.use.topUpBalance(once(call, input.idempotencyKey), {
      currency: input.currency,
      micros: micros("amount", input.amount),
      source: input.source,
      reference: input.reference,
    });
    return { topUp: toTopUp(topUp), spending: toSpending(spending, utcMonthOf(call.now())) };
  }

  @Requires("charge:reserve")
  @Mutation(() => ReserveChargePayload, {
    description:
      "Holds back the most that messages can cost, in every budget that counts them and in the prepaid balance, or nowhere. Send the reservation's id with the message. Fails with CONFLICT/budget_reached, CONFLICT/balance_too_low, CONFLICT/charge_not_ratable, CONFLICT/currency_differs, BAD_USER_INPUT/outside_window, NOT_FOUND/waba_not_found, NOT_FOUND/billing_account_not_found.",
  })
  async reserveCharge(@Arg("input") input: ReserveChargeInput, @Ctx() call: Call): Promise<ReserveChargePayload> {
    const reservation = await this.use.reserveCharge(once(call, input.idempotencyKey), {
      ...requestOf(input),
      ...(input.templateId != null && { templateId: input.templateId }),
      messages: input.messages,
    });
    return { reservation: toReservation(reservation) };
  }

  @Requires("charge:reserve")
  @Mutation(() => ReleaseReservationPayload, {
    description:
      "Gives back what a reservation still holds, for messages that are not sent after all. One that is closed stays as it is. Fails with NOT_FOUND/reservation_not_found.",
  })
  async releaseReservation(
    @Arg("input") input: ReleaseReservationInput,
    @Ctx() call: Call,
  ): Promise<ReleaseReservationPayload> {
    return { reservation: toReservation(await this.use.releaseReservation(call, input.reservationId)) };
  }
}
