import { type Call, systemScope } from "@greentick/kernel";
import { type AccountChange } from "../domain/account-terms.js";
import { type TierPorts } from "./note-tier.js";

const scope = systemScope("projection");

export type ChangeAccount = (call: Call, wabaId: string, change: AccountChange) => Promise<void>;

/**
 * An account has another currency or zone since some time (Meta: currency migration); what was delivered since then is decided again. Safe to
 * repeat; an account that is not known here is left alone.
 */
export const changeAccount =
  (ports: Pick<TierPorts, "wabas" | "rechecks" | "systemNow">): ChangeAccount =>
  async (call, wabaId, change) => {
    await ports.wabas.change(scope, wabaId, change);
    const { tenantId, ancestorIds, livemode } = call;
    const id = [tenantId, "account", wabaId, change.since.getTime(), change.currency, change.timeZone].join("/");
    const recheck = { tenantId, ancestorIds, livemode, id, wabaIds: [wabaId], since: change.since };
    await ports.rechecks.ask(scope, recheck, ports.systemNow());
  };
