import { event, monthReconciled } from "@greentick/contracts";
import { AppError, type Call, type Month, type Scope } from "@greentick/kernel";
import { type Difference, type ReconciliationRun, type RunTotals, unexplainedUnits } from "../domain/reconcile.js";
import { compareInvoice, compareVolumes, type CostCell } from "../domain/compare-meta.js";
import { compareBilled, compareWindows, periodDifferences } from "../domain/compare-stripe.js";
import { type RunStore } from "../ports.js";
import { type MetaSide, metaSide, type MetaSidePorts, unratedCells } from "./meta-side.js";
import { type StripeSide, stripeSide, type StripeSidePorts } from "./stripe-side.js";

export interface ReconcilePorts extends MetaSidePorts, StripeSidePorts {
  readonly runs: RunStore;
}

/** What a run works on: everything of one mode below the tenant that asked. */
interface Sides {
  readonly meta: MetaSide;
  readonly ledger: readonly (CostCell & { readonly currency: string })[];
  readonly stripe: StripeSide;
}

/**
 * Runs a requested comparison: Meta's count and invoice against the ledger's cost side, its charge side against windows, meters and invoice
 * lines. Reads only; the outcome is written once. Safe to repeat. What a provider refuses fails the run with its words; a provider that is
 * away is asked again.
 */
export const reconcileMonth =
  (ports: ReconcilePorts) =>
  async (call: Call, runId: string): Promise<ReconciliationRun> => {
    const own: Scope = { tenant: call.tenantId, ancestors: call.ancestorIds };
    const run = await ports.runs.get(own, runId);
    if (run.status !== "requested") return run;
    const done = await compared(ports, call, run).catch((error: unknown): ReconciliationRun => {
      if (!(error instanceof AppError) || error.code === "PROVIDER_UNAVAILABLE") throw error;
      return { ...run, status: "failed", finishedAt: call.now(), failure: error.message };
    });
    const told = event(monthReconciled, { runId, month: run.month, unexplained: done.unexplained });
    call.log.info({ month: run.month, unexplained: done.unexplained }, "month reconciled");
    return ports.runs.save(call, done, [told]);
  };

async function compared(ports: ReconcilePorts, call: Call, run: ReconciliationRun): Promise<ReconciliationRun> {
  const below: Scope = { under: run.tenantId };
  const [meta, ledger, stripe] = await Promise.all([
    metaSide(ports, below, run),
    ports.entries.costSide(below, run.month),
    stripeSide(ports, below, run.month),
  ]);
  const differences = await differencesOf(ports, { meta, ledger, stripe }, { below, month: run.month });
  return {
    ...run,
    status: "done",
    finishedAt: call.now(),
    differences,
    unexplained: unexplainedUnits(differences),
    totals: totalsOf({ meta, ledger, stripe }),
    notes: [...meta.notes, ...stripe.notes],
  };
}

async function differencesOf(
  ports: ReconcilePorts,
  { meta, ledger, stripe }: Sides,
  { below, month }: { below: Scope; month: Month },
): Promise<readonly Difference[]> {
  const unrated = await unratedCells(ports, below, { month, wabas: meta.wabas });
  const told = ledger.filter(({ wabaId }) => !meta.untold.has(wabaId));
  const volumes = compareVolumes(meta.volumes, told, unrated);
  return [
    ...volumes,
    ...(meta.rows === undefined ? [] : compareInvoice(meta.rows, ledger, { meta: meta.volumes, differences: volumes })),
    ...periodDifferences(await ports.entries.shifts(below, month)),
    ...compareWindows(stripe.windows),
    ...compareBilled(stripe.billed),
  ];
}

/** Every side of the month, one row per currency. */
function totalsOf({ meta, ledger, stripe }: Sides): readonly RunTotals[] {
  const currencies = new Set([
    ...ledger.map(({ currency }) => currency),
    ...stripe.windows.map(({ currency }) => currency),
  ]);
  const adding = <T extends { currency: string }>(
    rows: readonly T[],
    currency: string,
    value: (row: T) => bigint,
  ): bigint => rows.filter((row) => row.currency === currency).reduce((sum, row) => sum + value(row), 0n);
  return [...currencies].sort().map((currency) => {
    const accounts = new Set(
      [...meta.wabas.values()].filter((one) => one.currency === currency).map(({ wabaId }) => wabaId),
    );
    return {
      currency,
      metaVolume: meta.volumes
        .filter(({ wabaId }) => accounts.has(wabaId))
        .reduce((sum, { volume }) => sum + volume, 0),
      ledgerVolume: ledger.filter((cell) => cell.currency === currency).reduce((sum, { volume }) => sum + volume, 0),
      metaInvoiceMicros: adding(meta.rows ?? [], currency, ({ amountMicros }) => amountMicros),
      ledgerCostMicros: adding(ledger, currency, ({ costMicros }) => costMicros),
      ledgerChargeMicros: adding(stripe.windows, currency, ({ ledgerMicros }) => ledgerMicros),
      windowMicros: adding(stripe.windows, currency, ({ windowMicros }) => windowMicros ?? 0n),
      meterMicros: adding(stripe.windows, currency, ({ meterMicros }) => meterMicros ?? 0n),
      invoicedMicros: adding(stripe.billed, currency, ({ billedMicros }) => billedMicros),
      carryMicros: adding(stripe.billed, currency, ({ carryMicros }) => carryMicros),
    };
  });
}
