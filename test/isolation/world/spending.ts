import { ask, type Target } from "@greentick/gateway";
import { type Side } from "./sides.js";

export const setBudget = `mutation Budget($input: SetBudgetInput!) { setBudget(input: $input) { budget { id } } }`;
export const reserveCharge = `mutation Reserve($input: ReserveChargeInput!) { reserveCharge(input: $input) { reservation { id } } }`;
const setPrepaid = `mutation Prepaid($input: SetPrepaidInput!) { setPrepaid(input: $input) { spending { id } } }`;
const topUp = `mutation TopUp($input: TopUpBalanceInput!) { topUpBalance(input: $input) { topUp { id } } }`;
const release = `mutation Release($input: ReleaseReservationInput!) { releaseReservation(input: $input) { reservation { id } } }`;

/** A message to Brazil that is about to be sent by the side's first account. */
export const aMessage = ({ wabaIds }: Pick<Side, "wabaIds">, more: object = {}): Readonly<Record<string, unknown>> => ({
  wabaId: wabaIds[0],
  categories: ["MARKETING"],
  recipient: "5511955550142",
  window: "CLOSED",
  ...more,
});

/** A budget of each kind, a balance, and a reservation that is open and one that is not. */
export async function spend(target: Target, side: Side): Promise<void> {
  const { owner, visiting_staff: staff, api_key: key } = side.tokens;
  const budgets = [
    { scope: "ALL", softLimit: "0.01", hardLimit: "900" },
    { scope: "CATEGORY", category: "marketing", hardLimit: "400" },
    { scope: "TEMPLATE", templateId: "spring", hardLimit: "300", period: "TOTAL" },
    { scope: "API_KEY", apiKeyId: side.apiKey.id, softLimit: "200" },
  ];
  for (const [at, one] of budgets.entries()) {
    const input = {
      ...one,
      name: `${side.canary} ${String(at)}`,
      currency: "USD",
      idempotencyKey: `budget:${String(at)}`,
    };
    await ask(target, owner, setBudget, { input });
  }
  await ask(target, staff, setPrepaid, { input: { overdraft: "5", alertsBelow: ["20"] } });
  const paid = { currency: "USD", amount: "250", source: "BANK_TRANSFER", reference: `${side.canary} 1` };
  await ask(target, staff, topUp, { input: { ...paid, idempotencyKey: "paid:1" } });
  for (const name of ["open", "released"]) {
    const input = aMessage(side, { templateId: "spring", idempotencyKey: `reservation:${name}` });
    const made = await ask<{ reserveCharge: { reservation: { id: string } } }>(target, key, reserveCharge, { input });
    const reservationId = made.reserveCharge.reservation.id;
    if (name === "released") await ask(target, owner, release, { input: { reservationId } });
  }
}
