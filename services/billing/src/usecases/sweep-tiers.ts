import { after, AppError, hourMs, type Log, systemScope } from "@greentick/kernel";
import { marketOfCountry } from "../domain/markets.js";
import { type CountedTier, provenTiers, readTier, seriesOf } from "../domain/tier.js";
import { readCategory } from "../domain/words.js";
import {
  type BusinessNow,
  type MetaReports,
  type MetaTierCount,
  type TariffSource,
  type WabaFacts,
  type Zones,
} from "../ports.js";
import { eachAlone } from "./each-alone.js";
import { keepTier, type TierPorts } from "./note-tier.js";

const scope = systemScope("projection");
/** Looks overlap, so that one that failed leaves no gap. */
const lookBackMs = 48 * hourMs;

export interface SweepPorts extends TierPorts {
  readonly meta: Pick<MetaReports, "tiers">;
  readonly zones: Zones;
  readonly tariffs: TariffSource;
  readonly businessNow: BusinessNow;
  readonly log: Log;
}

/**
 * Finds tiers of which no webhook told in Meta's own count of the last two days. An account of which Meta counts nothing for us is left out.
 * Returns how many tiers were news. Safe to repeat.
 */
export const sweepTiers = (ports: SweepPorts) => async (): Promise<number> => {
  const wabas = await ports.wabas.list(scope);
  return eachAlone(wabas, async (waba) => {
    let found = 0;
    for (const news of provenTiers(await countsOf(ports, waba)))
      if (await keepTier(ports, { waba, wabas }, { ...news, source: "counted" })) found += 1;
    return found;
  });
};

async function countsOf(ports: SweepPorts, waba: WabaFacts): Promise<readonly CountedTier[]> {
  const now = ports.businessNow(waba.livemode);
  const period = { start: after(now, -lookBackMs), end: now };
  const counts = await ports.meta.tiers(waba.livemode, waba.wabaId, period).catch((error: unknown) => {
    if (!(error instanceof AppError && error.reason === "meta_refused")) throw error;
    ports.log.warn(
      { err: error, wabaId: waba.wabaId },
      "Meta counts no volume tiers of this account for us, only its webhooks tell them",
    );
    return [];
  });
  return counts.flatMap((count) => countedTier(ports, waba, count));
}

function countedTier(ports: SweepPorts, waba: WabaFacts, count: MetaTierCount): readonly CountedTier[] {
  const reading = readCategory(count.category);
  const series = reading.as === "card" ? seriesOf(reading.category) : undefined;
  const bounds = readTier(count.tier);
  const day = ports.zones.localDate(count.start, waba.timeZone);
  const market = marketOfCountry(ports.tariffs().markets, count.country, day);
  if (series === undefined || bounds === undefined || market === undefined) return [];
  return [{ month: day.slice(0, 7), market, series, ...bounds, start: count.start }];
}
