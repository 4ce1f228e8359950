import { type DataOf, doorTaskEnded } from "@greentick/contracts";
import { type auditRefusals, type ConsumerSpec, type Database, type Job } from "@greentick/runtime";
import { proposalIds } from "../adapters/crypto/entry-ids.js";
import { replayedConsumer } from "../adapters/events/replayed.js";
import { ReplayResolver } from "../adapters/graphql/replay.resolver.js";
import {
  mongoDecisionStore,
  mongoProposalStore,
  mongoReplayStore,
  replayCollections,
} from "../adapters/mongo/replay-stores.js";
import { mongoShadowStore } from "../adapters/mongo/shadow-store.js";
import { bookCorrections, type BookPorts } from "../usecases/book-corrections.js";
import { compareReplays } from "../usecases/compare-replay.js";
import { decideCorrections } from "../usecases/decide-corrections.js";
import { foldReplayed, type FoldPorts, replayWasStopped, replayWasTold } from "../usecases/fold-replay.js";
import { readReplays } from "../usecases/read-replays.js";
import { requestReplay } from "../usecases/request-replay.js";
import { type RatingPorts } from "../usecases/settle-facts.js";

/** What replays stand on beside the ledger. */
export function replayStores(database: Database): Pick<BookPorts, "replays" | "shadow" | "proposals" | "decisions"> & {
  readonly indexed: readonly { readonly ensureIndexes: () => Promise<void> }[];
} {
  const replays = mongoReplayStore(database);
  const shadow = mongoShadowStore(database);
  const proposals = mongoProposalStore(database);
  const decisions = mongoDecisionStore(database);
  return { replays, shadow, proposals, decisions, indexed: [replays, shadow, proposals, decisions] };
}

export interface ReplayRoom {
  readonly resolver: object;
  readonly handlers: readonly ConsumerSpec[];
  readonly job: Job;
  readonly stores: ReturnType<typeof replayStores>["indexed"];
  /** Collections whose documents carry events. */
  readonly collections: readonly string[];
}

export interface ReplayParts {
  readonly database: Database;
  readonly ports: RatingPorts & Pick<FoldPorts, "callFor">;
  readonly refusals: Pick<ReturnType<typeof auditRefusals>, "refusing">;
}

/** Kept webhooks rated again beside the ledger, and the corrections that come of it. */
export function replayRoom({ database, ports, refusals: { refusing } }: ReplayParts): ReplayRoom {
  const { indexed, ...stores } = replayStores(database);
  const all: BookPorts = { ...ports, ...stores, proposalIds };
  const stopped = replayWasStopped(all);
  return {
    resolver: new ReplayResolver({
      read: readReplays(all),
      request: refusing("requestReplay", requestReplay(all)),
      accept: refusing("acceptCorrections", decideCorrections(all, "accept")),
      refuse: refusing("refuseCorrections", decideCorrections(all, "refuse")),
    }),
    handlers: [
      replayedConsumer({ fold: foldReplayed(all), told: replayWasTold(all) }),
      {
        name: "billing.door",
        on: [
          {
            event: doorTaskEnded,
            handle: async (_, { data }) => {
              const { replayId, status } = data as DataOf<typeof doorTaskEnded>;
              if (replayId !== undefined && status === "stopped") await stopped(replayId);
            },
          },
        ],
      },
    ],
    job: {
      name: "billing.replays",
      everyMs: 2_000,
      run: async () => (await compareReplays(all)()) + (await bookCorrections(all)()),
    },
    stores: indexed,
    collections: replayCollections,
  };
}
