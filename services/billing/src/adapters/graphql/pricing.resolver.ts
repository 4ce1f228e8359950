import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { once } from "./amounts.js";
import { type BillingUses } from "./billing.resolver.js";
import {
  SetExchangeRateInput,
  SetExchangeRatePayload,
  SetMarginFloorInput,
  SetMarginFloorPayload,
  SetPricePlanInput,
  SetPricePlanPayload,
  WhatIfInput,
} from "./pricing-inputs.js";
import {
  ExchangeRateConnection,
  ExchangeRateNode,
  MarginFloorNode,
  PricePlanConnection,
  PricePlanNode,
  WhatIfNode,
} from "./pricing-types.js";
import { feesOf, micros, offerOf, toExchangeRate, toFloor, toPlan, toWhatIf } from "./pricing-wire.js";

/** What clients pay: plans, exchange rates, the margin floor. */
@Resolver()
export class PricingResolver {
  constructor(
    private readonly use: Pick<BillingUses, "read" | "setPricePlan" | "setExchangeRate" | "setMarginFloor" | "whatIf">,
  ) {}

  @Requires("billing:write")
  @Mutation(() => SetPricePlanPayload, {
    description:
      "Releases the client's next price plan; what is booked is not priced again, so it begins after the last booked day. The plan that says the same from the same day is returned as it is. Fails with BAD_USER_INPUT naming the field, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT/price_plan_days_booked, BAD_USER_INPUT/price_plan_too_early, BAD_USER_INPUT/price_plan_below_floor, CONFLICT/price_plan_raced.",
  })
  async setPricePlan(@Arg("input") input: SetPricePlanInput, @Ctx() call: Call): Promise<SetPricePlanPayload> {
    const fees = feesOf(input);
    const plan = await this.use.setPricePlan(once(call, input.idempotencyKey), {
      ...offerOf(input),
      effectiveFrom: input.effectiveFrom,
      currency: input.currency,
      platformFeeMicros: input.platformFee == null ? 0n : micros("platformFee", input.platformFee),
      ...(fees && { fees }),
      ...(input.acceptBelowFloor != null && { belowFloorReason: input.acceptBelowFloor.reason }),
    });
    return { plan: toPlan(plan) };
  }

  @Requires("billing:write")
  @Mutation(() => SetExchangeRatePayload, {
    description:
      "Keeps a published exchange rate for the caller's organisation and all below it; what waited for it is rated. Another rate of the same pair, source and day gets the next number and counts from then on; what is booked keeps its own. Fails with BAD_USER_INPUT naming the field, CONFLICT/exchange_rate_raced.",
  })
  async setExchangeRate(@Arg("input") input: SetExchangeRateInput, @Ctx() call: Call): Promise<SetExchangeRatePayload> {
    const { idempotencyKey, ...rate } = input;
    return { exchangeRate: toExchangeRate(await this.use.setExchangeRate(once(call, idempotencyKey), rate)) };
  }

  @Requires("billing:floor")
  @Mutation(() => SetMarginFloorPayload, {
    description:
      "Sets the margin floor of the caller's organisation and all below it, or takes it away. Released plans stay. Fails with BAD_USER_INPUT naming `basisPoints`, CONFLICT/version_conflict.",
  })
  async setMarginFloor(@Arg("input") input: SetMarginFloorInput, @Ctx() call: Call): Promise<SetMarginFloorPayload> {
    return { marginFloor: toFloor(await this.use.setMarginFloor(call, input.basisPoints ?? undefined)) };
  }

  @Requires("billing:read")
  @Query(() => PricePlanConnection, { description: "The caller's price plans, newest first." })
  async pricePlans(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<PricePlanNode>> {
    return toConnection(await this.use.read.plans(call, pageOf(page)), toPlan);
  }

  @Requires("billing:read")
  @Query(() => ExchangeRateConnection, { description: "Rates that the caller's organisation set, newest first." })
  async exchangeRates(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<ExchangeRateNode>> {
    return toConnection(await this.use.read.exchangeRates(call, pageOf(page)), toExchangeRate);
  }

  @Requires("billing:cost")
  @Query(() => MarginFloorNode, { description: "The floor that the caller's organisation set. Staff only." })
  async marginFloor(@Ctx() call: Call): Promise<MarginFloorNode> {
    return toFloor((await this.use.read.pricingSettings(call)) ?? { id: call.tenantId });
  }

  @Requires("billing:cost")
  @Query(() => WhatIfNode, {
    description:
      "What a month's messages would have cost a client under other terms, beside what it paid; nothing is written. List rates and exchange rates are those of the month's end. Staff only. Fails with NOT_FOUND/billing_account_not_found, BAD_USER_INPUT naming the field.",
  })
  async whatIf(@Arg("input") input: WhatIfInput, @Ctx() call: Call): Promise<WhatIfNode> {
    const { tenantId, month } = input;
    return toWhatIf(await this.use.whatIf(call, { tenantId, month, offer: offerOf(input) }));
  }
}
