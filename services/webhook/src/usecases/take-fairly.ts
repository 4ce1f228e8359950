import { type Scope } from "@greentick/kernel";
import { barrierOf, type OwnedLane, turnsOf } from "../domain/fair-turns.js";
import { type KeptBody } from "../domain/kept-body.js";
import { type AtMost, type WaitingLanes, type WebhookPorts } from "../ports.js";

/** Bounds what is open at a time: a body may have 3 MB, and its events are about as large again. One half goes by age, one by turns. */
const usualHalf: AtMost = { bodies: 100, bytes: 8_000_000 };
/** While there is a queue at the door. */
const smallHalf: AtMost = { bodies: 6, bytes: 1_000_000 };
const lanesAtOnce = 8;

type Ports = Pick<WebhookPorts, "rawLog" | "owners" | "isQueue">;

/**
 * Takes waiting bodies so that nobody waits behind somebody else's backlog: the oldest of all, and where more waits behind these also the oldest of
 * some lanes, by turns of their owners. Bodies of one account always come in order of receipt, also those that hold several: what is received while a round
 * looks is left to the next one.
 */
export function takeFairly(ports: Ports, scope: Scope): () => Promise<readonly KeptBody[]> {
  let after = "";
  let round = 0;
  return async () => {
    const half = ports.isQueue() ? smallHalf : usualHalf;
    const { bodies: oldest, more } = await ports.rawLog.waiting(scope, half);
    const last = oldest.at(-1);
    if (last === undefined || !more) return oldest;
    const line = await ports.rawLog.line(scope, last.sequence);
    const turns = turnsOf(await ownedLanes(ports, scope, line.lanes), { after, round, most: lanesAtOnce });
    round += 1;
    const begins = (owner: string): void => {
      after = owner;
    };
    const taken = await byTurns(ports, scope, { turns, line, behind: last.sequence, half, begins });
    return [...oldest, ...taken, ...(await sharedBodies(ports, scope, { line, behind: last.sequence, half }))];
  };
}

/** A lane without an owner yet is its own. */
const ownedLanes = (ports: Ports, scope: Scope, lanes: readonly string[]): Promise<readonly OwnedLane[]> =>
  Promise.all(lanes.map(async (lane) => ({ lane, owner: (await ports.owners.ofWaba(scope, lane))?.tenantId ?? lane })));

interface Turns {
  readonly turns: readonly OwnedLane[];
  readonly line: WaitingLanes;
  readonly behind: string;
  readonly half: AtMost;
  /** Told before each turn: whatever it meets, the next round goes on behind it. */
  readonly begins: (owner: string) => void;
}

async function byTurns(
  { rawLog }: Ports,
  scope: Scope,
  { turns, line, behind, half, begins }: Turns,
): Promise<readonly KeptBody[]> {
  const bodies: KeptBody[] = [];
  let bytes = 0;
  const atMost = { bodies: Math.ceil(half.bodies / Math.max(turns.length, 1)), bytes: half.bytes };
  for (const { lane, owner } of turns) {
    begins(owner);
    const before = barrierOf(lane, line.together, { all: line.allTogether }) ?? line.end;
    const some = await rawLog.waitingIn(scope, lane, { behind, before, atMost });
    bodies.push(...some);
    bytes += some.reduce((sum, { body }) => sum + body.length, 0);
    if (bytes >= half.bytes) break;
  }
  return bodies;
}

/** Bodies of several lanes whose turn has come in each of them. One that has to wait holds up those behind it in its lanes, and in no others. */
async function sharedBodies(
  { rawLog }: Ports,
  scope: Scope,
  { line, behind, half }: Pick<Turns, "line" | "behind" | "half">,
): Promise<readonly KeptBody[]> {
  const held = new Set<string>();
  const bodies: KeptBody[] = [];
  let bytes = 0;
  for (const { key, sequence, lanes } of line.together) {
    if (lanes === undefined || bytes >= half.bytes) break;
    const open = !lanes.some((lane) => held.has(lane));
    const body =
      open && (await rawLog.isFree(scope, lanes, { behind, before: sequence }))
        ? await rawLog.find(scope, key)
        : undefined;
    if (body === undefined) for (const lane of lanes) held.add(lane);
    else {
      bodies.push(body);
      bytes += body.body.length;
    }
  }
  return bodies;
}
