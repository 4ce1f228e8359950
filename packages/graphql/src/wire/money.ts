import { decimalFromMicros, type Money as Amount } from "@greentick/kernel";
import { Directive, Field, ObjectType } from "type-graphql";

@Directive("@shareable")
@ObjectType("Money", { description: "An amount of money, exact. Never read it as a binary float." })
export class Money {
  @Field(() => String, { description: "ISO 4217 code, e.g. `USD`." })
  currency!: string;

  @Field(() => String, {
    description:
      "In units of the currency as a plain decimal with at most six places, e.g. `0.0625`; negative for a credit.",
  })
  amount!: string;
}

/** Micros to the wire: `{ USD, 62500n }` becomes `{ currency: "USD", amount: "0.0625" }`. */
export const moneyOf = (amount: Amount): Money => ({
  currency: amount.currency,
  amount: decimalFromMicros(amount.amountMicros),
});
