import { ask, type Target } from "@greentick/gateway";
import { type Side } from "./sides.js";

const setPlan = `mutation SetPlan($input: SetPricePlanInput!) { setPricePlan(input: $input) { plan { id } } }`;

const setRate = `mutation SetRate($input: SetExchangeRateInput!) { setExchangeRate(input: $input) { exchangeRate { id } } }`;
const setFloor = `mutation SetFloor($input: SetMarginFloorInput!) { setMarginFloor(input: $input) { marginFloor { id } } }`;

/** One plan of each kind, for months to come, a rate and a floor: the same days and keys at both sides. */
export async function setPlans(target: Target, side: Side): Promise<void> {
  const terms = [
    { percent: { basisPoints: 1_500 }, platformFee: "12.5" },
    { fixed: { perMessage: "0.002", freeToo: true } },
    { ownList: [{ market: "*", category: "marketing", price: "0.07" }] },
  ];
  for (const [at, one] of terms.entries()) {
    const effectiveFrom = `2027-0${String(at + 1)}-01`;
    const input = { ...one, effectiveFrom, currency: "USD", idempotencyKey: `plan:${effectiveFrom}` };
    await ask(target, side.tokens.visiting_staff, setPlan, { input });
  }
  const rate = {
    from: "USD",
    to: "COP",
    rate: "4000",
    effectiveFrom: "2026-11-01",
    source: "ECB",
    at: "2026-10-16T14:00:00.000Z",
  };
  await ask(target, side.tokens.visiting_staff, setRate, { input: { ...rate, idempotencyKey: "rate:1" } });
  await ask(target, side.tokens.visiting_staff, setFloor, { input: { basisPoints: 0 } });
}
