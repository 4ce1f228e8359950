import { type DataOf, ledgerReplayRequested } from "@greentick/contracts";
import { type Subscription } from "@greentick/runtime";
import { type ShadowAsked } from "../../usecases/shadow-replay.js";

/** Billing asks for a client's statuses once more. */
export const onReplayRequested = (open: (asked: ShadowAsked) => Promise<unknown>): readonly Subscription[] => [
  {
    event: ledgerReplayRequested,
    handle: async (_, { tenantId, ancestorIds, livemode, data }) => {
      const { replayId, from, until, wabaId } = data as DataOf<typeof ledgerReplayRequested>;
      const owner = { tenantId, ancestorIds, livemode };
      await open({ replayId, owner, from, until, ...(wabaId !== undefined && { wabaId }) });
    },
  },
];
