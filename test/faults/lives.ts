import { MongoClient } from "mongodb";
import { type AttackedStore } from "./attacked-store.js";
import { type Fall } from "./plan.js";
import { type Hits, isAlive, type PlatformPlace, type PlatformProcess, sparePlatform } from "./platform-process.js";

/** One life of the platform after another, never two at once. */
export interface Lives {
  /** The living one; started again when it is dead, with its store. */
  readonly alive: () => Promise<PlatformProcess>;
  /** What else goes wrong when the living one dies. */
  readonly nextFall: (fall: Fall | undefined) => void;
  /** Its system clock jumps by so much from where it would be; 0 takes it back. */
  readonly jump: (byMs: number) => void;
  /** How far its system clock is ahead of the machine's. */
  readonly ahead: () => number;
  /** How often each fault point was reached, over all lives. */
  readonly hits: () => Promise<Hits>;
  /** The most that one of them held when it was looked at. */
  readonly memory: () => number;
  readonly end: () => Promise<void>;
}

/** A restart usually takes longer than anybody's lease. */
const restMs = 60_000;

export function livesOf(place: Omit<PlatformPlace, "storeUri" | "fault" | "ahead">, store: AttackedStore): Lives {
  const past = new Map<string, number>();
  let [ahead, jumped, memory] = [0, 0, 0];
  let fall: Fall | undefined;
  let life: PlatformProcess | undefined;
  let spare = sparePlatform();
  const remember = (hits: Hits): void => {
    for (const [name, count] of Object.entries(hits)) past.set(name, (past.get(name) ?? 0) + count);
  };
  const bury = async (dead: PlatformProcess): Promise<void> => {
    await dead.kill();
    if (fall?.withStore === true) await store.kill();
    remember(await dead.hits());
  };
  const rise = async (): Promise<PlatformProcess> => {
    await store.revive();
    if (fall?.hurries !== true) {
      ahead += restMs;
      await forgetMembers(store.directUri());
    }
    const fault = fall?.again;
    fall = undefined;
    const risen = await spare.begin({ ...place, storeUri: store.uri, fault, ahead: ahead + jumped });
    spare = sparePlatform();
    if (isAlive(risen)) return risen;
    remember(risen);
    return rise();
  };
  const living = async (): Promise<PlatformProcess> => {
    if (life !== undefined && !life.isDead()) {
      memory = Math.max(memory, life.memoryMiB());
      return life;
    }
    if (life !== undefined) await bury(life);
    life = undefined;
    life = await rise();
    return life;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const alive = (): Promise<PlatformProcess> => {
    const mine = turn.then(living);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    alive,
    nextFall: (next) => {
      fall = next;
    },
    jump: (byMs) => {
      jumped = byMs;
      if (life?.isDead() === false) life.setAhead(ahead + jumped);
    },
    ahead: () => ahead + jumped,
    hits: async () => {
      const sum = new Map(past);
      for (const [name, count] of Object.entries(await (await alive()).hits()))
        sum.set(name, (sum.get(name) ?? 0) + count);
      return Object.fromEntries(sum);
    },
    memory: () => memory,
    end: async () => {
      await spare.end();
      await life?.kill();
    },
  };
}

/** As if those who were killed had been silent for long enough: whoever comes next need not wait to be sure. */
async function forgetMembers(storeUri: string): Promise<void> {
  const mongo = await MongoClient.connect(storeUri);
  try {
    await mongo.db("greentick_bus").collection("members").deleteMany({});
  } finally {
    await mongo.close();
  }
}
