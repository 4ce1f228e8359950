import { type Call, type Clock, systemScope } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type TierNews } from "../domain/tier.js";
import { type RecheckBook, type TierBook, type WabaBook } from "../ports.js";

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
    const own = { tenant: call.tenantId, ancestors: call.ancestorIds };
    const wabas = await ports.wabas.list(own);
    const told = wabas.find((waba) => waba.wabaId === wabaId);
    if (told === undefined) throw billingErrors.wabaUnknown(wabaId);
    const businessId = told.businessId ?? wabaId;
    const owner = { tenantId: told.tenantId, ancestorIds: told.ancestorIds, livemode: told.livemode };
    if (!(await ports.tiers.keep(scope, owner, { ...news, businessId }))) return;
    const siblings = wabas.filter((waba) => (waba.businessId ?? waba.wabaId) === businessId);
    const { month, market, series, from, at } = news;
    const id = [call.tenantId, "tier", businessId, month, market.toLowerCase(), series, from, at.getTime()].join("/");
    const recheck = { ...owner, id, wabaIds: siblings.map((waba) => waba.wabaId), since: at };
    await ports.rechecks.ask(scope, recheck, ports.systemNow());
  };
