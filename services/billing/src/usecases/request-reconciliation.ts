import { event, reconciliationRequested } from "@greentick/contracts";
import { allow, type Call, underScope } from "@greentick/kernel";
import { type ReconciliationRun } from "../domain/reconcile.js";
import { type RunStore } from "../ports.js";
import { readMonth } from "./read-month.js";

export type RequestReconciliation = (call: Call, input: { readonly month: string }) => Promise<ReconciliationRun>;

/** Asks for a comparison of a month over every client below the caller. It runs from the event; read the run again for its outcome. */
export const requestReconciliation =
  ({ runs }: { readonly runs: RunStore }): RequestReconciliation =>
  async (call, input) => {
    allow(call, "billing:write");
    underScope(call);
    const month = readMonth(input.month);
    const run: ReconciliationRun = {
      id: call.newId("reconciliation"),
      tenantId: call.tenantId,
      ancestorIds: call.ancestorIds,
      livemode: call.livemode,
      version: 0,
      month,
      status: "requested",
      requestedAt: call.now(),
      unexplained: 0,
      differences: [],
      totals: [],
      notes: [],
    };
    const asked = event(reconciliationRequested, { runId: run.id, month });
    return runs.insert(call, run, [asked], { mutation: "runReconciliation", input });
  };
