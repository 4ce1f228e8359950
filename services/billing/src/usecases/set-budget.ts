import { budgetRemoved, budgetSet, event } from "@greentick/contracts";
import {
  allow,
  badInput,
  type Call,
  type DomainEvent,
  isId,
  tenantScope,
  utcDayOf,
  utcMonthOf,
} from "@greentick/kernel";
import {
  type Budget,
  type BudgetPeriod,
  type BudgetScope,
  maxBudgets,
  periodOf,
  type Request,
  type Spending,
} from "../domain/spending.js";
import { spendingErrors } from "../domain/spending-errors.js";
import { type AccountStore, type OnceOf, type SameRequest } from "../ports.js";
import { beginCounting, type CountingPorts } from "./count-spending.js";
import { type Setting } from "./spending-desk.js";

export interface SetBudgetInput {
  /** A budget that is there, to give it other limits; absent for a new one. */
  readonly budgetId?: string;
  readonly name: string;
  readonly scope: BudgetScope;
  readonly period: BudgetPeriod;
  readonly currency: string;
  readonly softMicros?: bigint;
  readonly hardMicros?: bigint;
  readonly alertPercents: readonly number[];
}
/** A client's spending, and the budget of it that was asked for. */
export interface BudgetOf {
  readonly spending: Spending;
  readonly budget: Budget;
}
export type SetBudget = (call: Call, input: SetBudgetInput) => Promise<BudgetOf>;
export type RemoveBudget = (call: Call, budgetId: string) => Promise<Spending>;

export interface BudgetPorts extends CountingPorts {
  readonly accounts: AccountStore;
  readonly onceOf: OnceOf;
  readonly sameRequest: SameRequest;
}

const requestsKept = 20;
const mostAlerts = 10;

/**
 * Sets a budget, or gives one other limits. A new one has counted its month so far, from the ledger, when this returns; what was reserved
 * before it was set is not held in it. What a budget counts, its period and its currency never change.
 * @throws BAD_USER_INPUT naming the field, BAD_USER_INPUT/currency_differs, BAD_USER_INPUT/budget_fixed, CONFLICT/too_many_budgets,
 * NOT_FOUND/budget_not_found, NOT_FOUND/billing_account_not_found.
 */
export const setBudget =
  (ports: BudgetPorts): SetBudget =>
  async (call, input) => {
    allow(call, "budget:write");
    checkInput(input);
    const account = await ports.accounts.get(tenantScope(call), call.tenantId);
    if (input.currency !== account.currency) throw spendingErrors.budgetCurrency(input.currency, account.currency);
    const once = ports.onceOf(call, "setBudget", input);
    await beginCounting(ports, call, account.currency);
    return ports.desk.set(call, async (before) => {
      if (once !== undefined && ports.sameRequest(once, before.requests)) {
        const made = before.requests.find(({ scope, key }) => scope === once.scope && key === once.key)?.made ?? "";
        return { spending: before, events: [], answer: { spending: before, budget: budgetIn(before, made) } };
      }
      const budget =
        input.budgetId === undefined
          ? await newBudget(ports, call, { input, before })
          : withLimits(budgetIn(before, input.budgetId), input);
      return kept(before, budget, once && { ...once, made: budget.id });
    });
  };

function kept(before: Spending, budget: Budget, request: Request | undefined): Setting<BudgetOf> {
  const others = before.budgets.filter(({ id }) => id !== budget.id);
  const requests = [...before.requests, ...(request ? [request] : [])].slice(-requestsKept);
  const spending = { ...before, budgets: [...others, budget], requests };
  return { spending, events: [setEvent(before.currency, budget)], answer: { spending, budget } };
}

/** @throws NOT_FOUND/budget_not_found. */
function budgetIn({ budgets }: Spending, id: string): Budget {
  const found = budgets.find((one) => one.id === id);
  if (found === undefined) throw spendingErrors.budgetNotFound(id);
  return found;
}

async function newBudget(
  { spentEntries }: BudgetPorts,
  call: Call,
  { input, before }: { readonly input: SetBudgetInput; readonly before: Spending },
): Promise<Budget> {
  if (before.budgets.length >= maxBudgets) throw spendingErrors.tooManyBudgets(maxBudgets);
  const { scope, period } = input;
  const month = utcMonthOf(call.now());
  const budget: Budget = {
    id: call.newId("budget"),
    ...{ scope, period, name: input.name, alertPercents: input.alertPercents },
    ...limitsOf(input),
    since: utcDayOf(call.now()),
    reservedMicros: 0n,
    spent: [],
  };
  const from = period === "month" ? ({ month } as const) : ({ sinceDay: budget.since } as const);
  const micros = await spentEntries.sum(tenantScope(call), { ...from, scope, currency: before.currency });
  return micros === 0n ? budget : { ...budget, spent: [{ period: periodOf(budget, month), micros, told: [] }] };
}

const limitsOf = ({ softMicros, hardMicros }: SetBudgetInput): Pick<Budget, "softMicros" | "hardMicros"> => ({
  ...(softMicros !== undefined && { softMicros }),
  ...(hardMicros !== undefined && { hardMicros }),
});

/** Alerts under the new limits are told anew in the running period. */
function withLimits(before: Budget, input: SetBudgetInput): Budget {
  const differs = [
    ...(JSON.stringify(before.scope) === JSON.stringify(input.scope) ? [] : ["scope"]),
    ...(before.period === input.period ? [] : ["period"]),
  ];
  if (differs.length > 0) throw spendingErrors.budgetFixed(before.id, differs);
  const { id, scope, period, since, reservedMicros } = before;
  const sameLimits = before.softMicros === input.softMicros && before.hardMicros === input.hardMicros;
  const spent = sameLimits ? before.spent : before.spent.map((one) => ({ ...one, told: [] }));
  const { name, alertPercents } = input;
  return { id, scope, period, since, reservedMicros, spent, name, alertPercents, ...limitsOf(input) };
}

/** Takes a budget away; what is held in it for messages under way is held nowhere then. @throws NOT_FOUND/budget_not_found. */
export const removeBudget =
  ({ desk, spending }: Pick<BudgetPorts, "desk" | "spending">): RemoveBudget =>
  async (call, budgetId) => {
    allow(call, "budget:write");
    if ((await spending.find(tenantScope(call), call.tenantId)) === undefined)
      throw spendingErrors.budgetNotFound(budgetId);
    return desk.set(call, (before) => {
      const { id, name } = budgetIn(before, budgetId);
      const after = { ...before, budgets: before.budgets.filter((one) => one.id !== id) };
      return Promise.resolve({
        spending: after,
        events: [event(budgetRemoved, { budgetId: id, name })],
        answer: after,
      });
    });
  };

function setEvent(currency: string, budget: Budget): DomainEvent {
  const { id, name, scope, period, softMicros, hardMicros, alertPercents } = budget;
  return event(budgetSet, {
    budgetId: id,
    name,
    counts: scope.kind,
    period,
    currency,
    ...(softMicros !== undefined && { softMicros }),
    ...(hardMicros !== undefined && { hardMicros }),
    alertPercents: [...alertPercents],
  });
}

function checkInput({ name, softMicros, hardMicros, alertPercents, scope }: SetBudgetInput): void {
  if (name.trim() === "" || name.length > 80) throw badInput("name", "must have 1 to 80 characters");
  if (softMicros === undefined && hardMicros === undefined) throw badInput("hardLimit", "or softLimit must be given");
  if (softMicros !== undefined && softMicros <= 0n) throw badInput("softLimit", "must be above zero");
  if (hardMicros !== undefined && hardMicros < 0n) throw badInput("hardLimit", "must not be negative");
  if (softMicros !== undefined && hardMicros !== undefined && softMicros > hardMicros)
    throw badInput("softLimit", "must not be above the hard limit");
  if (alertPercents.length > mostAlerts || new Set(alertPercents).size !== alertPercents.length)
    throw badInput("alertPercents", `must be at most ${mostAlerts} different numbers`);
  if (alertPercents.some((percent) => !Number.isInteger(percent) || percent < 1 || percent > 100))
    throw badInput("alertPercents", "must be whole numbers from 1 to 100");
  if (scope.kind === "api_key" && !isId("apiKey", scope.apiKeyId))
    throw badInput("apiKeyId", "must be an id of an API key");
  if (scope.kind === "template" && !/^[\w-]{1,64}$/.test(scope.templateId))
    throw badInput("templateId", "must be an id of a template: 1 to 64 letters, digits, - and _");
}
