import { event, ledgerReplayRequested } from "@greentick/contracts";
import { allow, badInput, type Call } from "@greentick/kernel";
import { type LedgerReplay, type ReplayRange, requestReplayOf } from "../domain/ledger-replay.js";
import { type AccountStore, type WabaBook } from "../ports.js";
import { type ReplayStore } from "../ports/replay.js";
import { inSight } from "./in-sight.js";

export interface RequestReplayInput extends ReplayRange {
  readonly tenantId: string;
}
export type RequestReplay = (call: Call, input: RequestReplayInput) => Promise<LedgerReplay>;

export interface RequestReplayPorts {
  readonly replays: ReplayStore;
  readonly accounts: AccountStore;
  readonly wabas: WabaBook;
}

/**
 * Asks for a range of a client's kept webhooks to be rated again beside the ledger. It runs from the event; read the replay again for what it found.
 * @throws NOT_FOUND/billing_account_not_found also for a client of somebody else, BAD_USER_INPUT naming the field.
 */
export const requestReplay =
  ({ replays, accounts, wabas }: RequestReplayPorts): RequestReplay =>
  async (call, input) => {
    allow(call, "billing:write");
    const { tenantId, ancestorIds, livemode } = await accounts.get(inSight(call), input.tenantId);
    const { from, until, wabaId } = input;
    if (wabaId !== undefined && !(await wabas.find({ tenant: tenantId, ancestors: ancestorIds }, [wabaId])).has(wabaId))
      throw badInput("wabaId", "is no WhatsApp account of this client");
    const owner = { tenantId, ancestorIds, livemode, requestedBy: call.actor.id, requestedAt: call.now() };
    const range = { from, until, ...(wabaId !== undefined && { wabaId }) };
    const replay = requestReplayOf({ id: call.newId("ledgerReplay"), ...owner }, range, call.systemNow());
    const asked = event(ledgerReplayRequested, { replayId: replay.id, ...range });
    return replays.insert(call, replay, [asked], { mutation: "requestReplay", input });
  };
