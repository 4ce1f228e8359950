import { type Month } from "@greentick/kernel";
import { aBudget, prepaid, withBudgets } from "../fixtures/budgets.js";
import { type Budget, type Spending } from "./spending.js";
import { withAlerts } from "./spending-alerts.js";

const november = "2026-11" as Month;
const spent = (micros: bigint, told: readonly string[] = []): Partial<Budget> => ({
  spent: [{ period: november, micros, told }],
});
const of = (more: Partial<Budget>): Spending => withBudgets(aBudget("b", more));
const told = (spending: Spending, months: readonly Month[] = [november]): readonly string[] =>
  withAlerts(spending, months).alerts.map((one) =>
    one.kind === "budget" ? `${one.of} ${one.percent}` : `below ${one.belowMicros}: ${one.availableMicros}`,
  );

describe("an alert of a budget", () => {
  it("is due from the very micro at which a percentage is reached", () => {
    const limits = { hardMicros: 100_001n, alertPercents: [50] };
    expect([told(of({ ...limits, ...spent(50_000n) })), told(of({ ...limits, ...spent(50_001n) }))]).toEqual([[], ["hard 50"]]); // prettier-ignore
  });

  it("is told by percentages of the soft limit where none refuses, and at that limit once", () => {
    const limits = { softMicros: 1_000n, alertPercents: [80, 100] };
    expect(told(of({ ...limits, ...spent(800n) }))).toEqual(["soft 80"]);
    expect(told(of({ ...limits, ...spent(1_000n) }))).toEqual(["soft 100", "soft 80"]);
  });

  it("is told at the percentages that were asked for alone where a limit refuses", () => {
    expect(told(of({ hardMicros: 1_000n, alertPercents: [90], ...spent(5_000n) }))).toEqual(["hard 90"]);
    expect(told(of({ hardMicros: 1_000n, ...spent(5_000n) }))).toEqual([]);
  });

  it("is none of a budget without limits, whatever was spent", () => {
    expect(told(of({ alertPercents: [50], ...spent(5_000n) }))).toEqual([]);
  });

  it("is none before anything was spent, be the limit nothing", () => {
    const nothing = { hardMicros: 0n, alertPercents: [100] };
    expect(told(of({ ...nothing }))).toEqual([]);
    expect(told(of({ ...nothing, ...spent(1n) }))).toEqual(["hard 100"]);
  });

  it("counts what is held for messages under way, and says limit, use and period", () => {
    const budget = aBudget("b", { hardMicros: 1_000n, alertPercents: [80], reservedMicros: 300n, ...spent(500n) });
    expect(withAlerts(withBudgets(budget), [november]).alerts).toStrictEqual([
      {
        ...{ kind: "budget", budget, period: november },
        ...{ of: "hard", percent: 80, limitMicros: 1_000n, usedMicros: 800n },
      },
    ]);
  });

  it("is noted beside those that were told, and told once though a month is asked of twice", () => {
    const spending = of({ hardMicros: 1_000n, alertPercents: [50, 80], ...spent(900n, ["hard:50"]) });
    expect(told(spending, [november, november])).toEqual(["hard 80"]);
    const [budget] = withAlerts(spending, [november]).spending.budgets;
    expect(budget?.spent).toEqual([{ period: november, micros: 900n, told: ["hard:50", "hard:80"] }]);
  });

  it("leaves a budget as it is when none is due", () => {
    const spending = of({ hardMicros: 1_000n, alertPercents: [50] });
    expect(withAlerts(spending, [november])).toStrictEqual({ spending, alerts: [] });
  });
});

describe("an alert of a balance", () => {
  it("is due below the amount, not at it, and says what is available", () => {
    expect(told(prepaid(50_000n, { alertsBelow: [50_000n] }))).toEqual([]);
    expect(told(prepaid(49_999n, { alertsBelow: [50_000n, 10_000n] }))).toEqual(["below 50000: 49999"]);
    expect(withAlerts(prepaid(1n, { alertsBelow: [2n] }), []).alerts).toStrictEqual([{ kind: "balance", belowMicros: 2n, availableMicros: 1n }]); // prettier-ignore
  });

  it("stays told while the balance is below it, and no longer from the amount itself on", () => {
    const noted = (available: bigint): unknown =>
      withAlerts(prepaid(available, { alertsBelow: [50n, 20n], told: [50n] }), []).spending.prepaid?.told;
    expect([noted(49n), noted(50n), noted(19n)]).toEqual([[50n], [], [50n, 20n]]);
  });

  it("comes beside those of budgets", () => {
    const budgets = [aBudget("b", { hardMicros: 10n, alertPercents: [50], ...spent(5n) })];
    expect(told({ ...prepaid(1n, { alertsBelow: [2n] }), budgets })).toEqual(["hard 50", "below 2: 1"]);
  });
});
