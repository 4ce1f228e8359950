import { event, ledgerReplayEnded } from "@greentick/contracts";
import { type Call, type DomainEvent, systemScope, versionConflict } from "@greentick/kernel";
import { type Sighting } from "../domain/fact.js";
import { foldedInto } from "./rate-sightings.js";
import { failed, isListening, type LedgerReplay, replaying, type Told, toldAll } from "../domain/ledger-replay.js";
import { type BusinessNow } from "../ports.js";
import { type ReplayStore, type ShadowStore } from "../ports/replay.js";

const scope = systemScope("ledger-replays");

export interface FoldPorts {
  readonly replays: ReplayStore;
  readonly shadow: ShadowStore;
  readonly businessNow: BusinessNow;
  /** The service's own call in the replay's tenant. */
  readonly callFor: (owner: Pick<LedgerReplay, "tenantId" | "ancestorIds" | "livemode">) => Call;
}

export const replayEnded = ({ id, status, counts, failure }: LedgerReplay): DomainEvent =>
  event(ledgerReplayEnded, {
    replayId: id,
    status,
    proposals: counts.differing,
    ...(failure !== undefined && { failure }),
  });

/** The replay while it still listens. What comes for one that has ended is late and says nothing any more. */
async function listening({ replays }: FoldPorts, replayId: string): Promise<LedgerReplay | undefined> {
  const replay = await replays.find(scope, replayId);
  return replay !== undefined && isListening(replay) ? replay : undefined;
}

/** Folds statuses that the door read again into the replay's facts, as the ledger folds those that come in. Order and repetition change nothing. */
export const foldReplayed =
  (ports: FoldPorts) =>
  async (replayId: string, statuses: readonly Sighting[]): Promise<void> => {
    const replay = await listening(ports, replayId);
    if (replay === undefined) return;
    if (replay.status === "requested") await ports.replays.save(ports.callFor(replay), replaying(replay), []);
    const own = statuses.filter(({ tenantId }) => tenantId === replay.tenantId);
    const after = await foldedInto((ids) => ports.shadow.load(scope, replayId, ids), own);
    const changed = after.filter(({ before, after: fact }) => fact !== before).map((turn) => turn.after);
    if (!(await ports.shadow.save(scope, replayId, changed))) throw versionConflict("ledger_replay", replayId);
  };

/** The door has said all of the range: the comparison may begin, unless something was lost on the way. Safe to repeat. */
export const replayWasTold =
  (ports: FoldPorts) =>
  async (replayId: string, told: Told): Promise<void> => {
    const replay = await listening(ports, replayId);
    if (replay === undefined) return;
    const arrived = await ports.shadow.statuses(scope, replayId);
    const next = toldAll(replay, told, { arrived, now: ports.businessNow(replay.livemode) });
    await end(ports, replay, next);
  };

/** An operator ended the door's work for it. */
export const replayWasStopped =
  (ports: FoldPorts) =>
  async (replayId: string): Promise<void> => {
    const replay = await listening(ports, replayId);
    if (replay === undefined) return;
    const why = "An operator of the door stopped it before the range was read. Ask for it again.";
    await end(ports, replay, failed(replay, why, ports.businessNow(replay.livemode)));
  };

async function end({ replays, shadow, callFor }: FoldPorts, replay: LedgerReplay, next: LedgerReplay): Promise<void> {
  const isOver = next.status === "failed";
  if (isOver) await shadow.remove(scope, replay.id);
  await replays.save(callFor(replay), next, isOver ? [replayEnded(next)] : []);
}
