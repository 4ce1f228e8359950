import { type DataOf, replayTold, statusReplayed } from "@greentick/contracts";
import { type ConsumerSpec } from "@greentick/runtime";
import { type Sighting } from "../../domain/fact.js";
import { type Told } from "../../domain/ledger-replay.js";
import { toSighting } from "./rating.js";

export interface ReplayedVerbs {
  readonly fold: (replayId: string, statuses: readonly Sighting[]) => Promise<void>;
  readonly told: (replayId: string, told: Told) => Promise<void>;
}

/** What the door says for replays, in its order: statuses in batches, then that it was all. */
export const replayedConsumer = ({ fold, told }: ReplayedVerbs): ConsumerSpec => ({
  name: "billing.replay",
  on: [],
  batch: {
    events: [statusReplayed, replayTold],
    batchSize: 200,
    handle: async (events) => {
      const statuses = events.filter(({ type }) => type === statusReplayed.type);
      const replayOf = (data: unknown): string => (data as DataOf<typeof statusReplayed>).replayId;
      for (const replayId of new Set(statuses.map(({ data }) => replayOf(data))))
        await fold(replayId, statuses.filter(({ data }) => replayOf(data) === replayId).map(toSighting));
      for (const { data } of events.filter(({ type }) => type === replayTold.type)) {
        const { replayId, ...figures } = data as DataOf<typeof replayTold>;
        await told(replayId, figures);
      }
    },
  },
});
