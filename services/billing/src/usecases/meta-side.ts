import { AppError, dayMs, type Month, type Scope } from "@greentick/kernel";
import { marketOf, marketOfCountry } from "../domain/markets.js";
import { type ReconciliationRun } from "../domain/reconcile.js";
import { type MetaInvoiceRow, type UnratedCell, type VolumeCell } from "../domain/compare-meta.js";
import {
  type EntryStore,
  type FactStore,
  type MetaReports,
  type TariffSource,
  type WabaBook,
  type WabaFacts,
  type Zones,
} from "../ports.js";

export interface MetaSidePorts {
  readonly wabas: WabaBook;
  readonly meta: MetaReports;
  readonly zones: Zones;
  readonly tariffs: TariffSource;
  readonly facts: FactStore;
  readonly entries: EntryStore;
}

/** What Meta says about a month. */
export interface MetaSide {
  readonly wabas: ReadonlyMap<string, WabaFacts>;
  readonly volumes: readonly VolumeCell[];
  /** Accounts whose volumes Meta would not tell: they are not compared. */
  readonly untold: ReadonlySet<string>;
  /** Undefined while Meta has no invoice for the month. */
  readonly rows: readonly MetaInvoiceRow[] | undefined;
  readonly notes: readonly string[];
}

/** Reads Meta's count of every account below, and the invoice of the month; countries become markets by our grouping. */
export async function metaSide(ports: MetaSidePorts, below: Scope, run: ReconciliationRun): Promise<MetaSide> {
  const list = (await ports.wabas.list(below)).filter(({ livemode }) => livemode === run.livemode || run.livemode);
  const wabas = new Map(list.map((waba) => [waba.wabaId, waba]));
  const volumes: VolumeCell[] = [];
  const untold = new Map<string, string>();
  for (const waba of list)
    await volumesOf(ports, waba, run.month).then(
      (cells) => volumes.push(...cells),
      (error: unknown) => {
        if (!(error instanceof AppError) || error.reason !== "meta_refused") throw error;
        untold.set(waba.wabaId, error.message);
      },
    );
  const lines = await invoiceLines(ports, list, run.month);
  const foreign = lines?.filter(({ wabaId }) => !wabas.has(wabaId)) ?? [];
  const rows = lines?.flatMap((line): MetaInvoiceRow[] => {
    const waba = wabas.get(line.wabaId);
    return waba === undefined ? [] : [{ ...line, tenantId: waba.tenantId }];
  });
  return {
    wabas,
    volumes,
    untold: new Set(untold.keys()),
    rows,
    notes: [
      ...[...untold].map(([wabaId, why]) => `The deliveries of account ${wabaId} were not compared: ${why}`),
      ...(lines === undefined ? [`Meta has no invoice for ${run.month} yet: its amounts were not compared.`] : []),
      ...(foreign.length === 0
        ? []
        : [`${foreign.length} rows of Meta's invoice belong to accounts that are not known here.`]),
    ],
  };
}

async function invoiceLines(
  ports: MetaSidePorts,
  wabas: readonly WabaFacts[],
  month: Month,
): Promise<Awaited<ReturnType<MetaReports["invoiceLines"]>>> {
  const [first] = wabas;
  return first === undefined ? undefined : ports.meta.invoiceLines(first.livemode, month);
}

async function volumesOf(ports: MetaSidePorts, waba: WabaFacts, month: Month): Promise<readonly VolumeCell[]> {
  const { markets } = ports.tariffs();
  const points = await ports.meta.volumes(waba.livemode, waba.wabaId, ports.zones.localMonth(month, waba.timeZone));
  return points.map(({ start, country, category, type, volume }) => {
    const day = ports.zones.localDate(start, waba.timeZone);
    const market = marketOfCountry(markets, country, day) ?? "Other";
    return { tenantId: waba.tenantId, wabaId: waba.wabaId, day, market, category, type, volume };
  });
}

/** Deliveries of the month that have no price yet, by account, day and market. */
export async function unratedCells(
  ports: MetaSidePorts,
  below: Scope,
  { month, wabas }: { readonly month: Month; readonly wabas: MetaSide["wabas"] },
): Promise<readonly UnratedCell[]> {
  const { markets } = ports.tariffs();
  const start = new Date(`${month}-01T00:00:00.000Z`);
  const around = { start: new Date(start.getTime() - 2 * dayMs), end: new Date(start.getTime() + 33 * dayMs) };
  const facts = await ports.facts.unratedIn(below, around);
  return facts.flatMap((fact): UnratedCell[] => {
    const waba = wabas.get(fact.wabaId);
    if (waba === undefined || fact.proof === undefined || fact.entries.length > 0) return [];
    const day = ports.zones.localDate(fact.proof.at, waba.timeZone);
    if (!day.startsWith(month)) return [];
    const market = marketOf(markets, fact.recipient, day)?.market;
    const reason = fact.unrated ?? "awaiting_pricing";
    return [{ wabaId: fact.wabaId, day, ...(market !== undefined && { market }), reason, count: 1 }];
  });
}
