import { after, type Call, type Clock, hourMs, systemScope } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type TierNews } from "../domain/tier.js";
import { type RecheckBook, type TierBook, type TierSource, type WabaBook, type WabaFacts } from "../ports.js";
import { portfolioOf } from "./portfolio.js";

const scope = systemScope("projection");

export interface TierPorts {
  readonly wabas: WabaBook;
  readonly tiers: TierBook;
  readonly rechecks: RecheckBook;
  readonly systemNow: Clock;
}
export type NoteTier = (call: Call, wabaId: string, news: TierNews) => Promise<void>;

/**
 * Meta told that the portfolio of an account reached a volume tier. What was delivered since, under any account of the portfolio, is decided
 * again: news may be late. Safe to repeat. @throws NOT_FOUND/waba_unknown while the account is not known here; to be told again then.
 */
export const noteTier =
  (ports: TierPorts): NoteTier =>
  async (call, wabaId, news) => {
    const wabas = await ports.wabas.list({ tenant: call.tenantId, ancestors: call.ancestorIds });
    const told = wabas.find((waba) => waba.wabaId === wabaId);
    if (told === undefined) throw billingErrors.wabaUnknown(wabaId);
    await keepTier(ports, { waba: told, wabas }, { ...news, source: "told" });
  };

/**
 * Keeps the news, and has what was delivered since decided again when it is news; an hour before is looked at as well, because the half hour in which
 * Meta counted the tier may have begun before the moment that Meta now names. Answers whether it was. @param of the account and all its client's.
 */
export async function keepTier(
  ports: TierPorts,
  of: { readonly waba: WabaFacts; readonly wabas: readonly WabaFacts[] },
  news: TierNews & { readonly source: TierSource },
): Promise<boolean> {
  const { tenantId, ancestorIds, livemode } = of.waba;
  const owner = { tenantId, ancestorIds, livemode };
  const businessId = portfolioOf(of.waba);
  const tier = { ...news, businessId };
  if (!(await ports.tiers.isNews(scope, owner, tier))) return false;
  const { month, market, series, from, at, source } = news;
  const id = [tenantId, source, businessId, month, market.toLowerCase(), series, from, at.getTime()].join("/");
  const siblings = of.wabas.filter((waba) => waba.tenantId === tenantId && portfolioOf(waba) === businessId);
  const recheck = { ...owner, id, wabaIds: siblings.map((waba) => waba.wabaId), since: after(at, -hourMs) };
  // First what has to follow: a process that dies in between is told the news again, and finds it news again.
  await ports.rechecks.ask(scope, recheck, ports.systemNow());
  await ports.tiers.keep(scope, owner, tier);
  return true;
}
