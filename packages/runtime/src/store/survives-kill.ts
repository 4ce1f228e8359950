import { type Collection, MongoClient } from "mongodb";
import { whenDurable } from "../data/database.js";
import { type EmbeddedStore } from "./embedded.js";

export interface KillOptions {
  rounds: number;
  writers: number;
  /** Acknowledged writes before each kill. */
  writesBeforeKill: number;
}

/**
 * Kills the engine process (SIGKILL) while clients write, as often as asked, and looks whether every write that was
 * acknowledged, as the platform's are, is still there. Returns what was seen. @throws Error naming how many were lost.
 */
export async function survivesKill(store: EmbeddedStore, database: string, options: KillOptions): Promise<string> {
  const client = await new MongoClient(store.uri, {
    maxPoolSize: options.writers,
    writeConcern: whenDurable,
  }).connect();
  const rows = client.db(database).collection<Row>("survivors");
  try {
    const acknowledged = new Set<string>();
    for (let round = 0; round < options.rounds; round += 1)
      await killWhileWriting(store, rows, { acknowledged, round, ...options });
    const kept = new Set((await rows.find().toArray()).map(({ _id }) => _id));
    const lost = [...acknowledged].filter((id) => !kept.has(id)).length;
    if (lost > 0) throw new Error(`${lost} of ${acknowledged.size} acknowledged writes were lost`);
    return `${acknowledged.size} acknowledged writes, ${options.rounds} kills, 0 lost`;
  } finally {
    await client.db(database).dropDatabase();
    await client.close();
  }
}

interface Row {
  _id: string;
}

interface Round extends KillOptions {
  acknowledged: Set<string>;
  round: number;
}

/** Every writer goes on until the process is killed under it; the write it was at then may fail or not. */
async function killWhileWriting(store: EmbeddedStore, rows: Collection<Row>, options: Round): Promise<void> {
  const { acknowledged, round, writers, writesBeforeKill } = options;
  const target = acknowledged.size + writesBeforeKill;
  let killed = false;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !killed; n += 1) {
      const _id = `${round}-${writer}-${n}`;
      if (!(await accepted(rows, _id, () => killed))) return;
      acknowledged.add(_id);
      if (acknowledged.size >= target) killed ||= kill(store);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await rows.findOne(); // waits until the driver is connected again
}

async function accepted(rows: Collection<Row>, _id: string, mayFail: () => boolean): Promise<boolean> {
  try {
    await rows.insertOne({ _id });
    return true;
  } catch (error) {
    if (mayFail()) return false;
    throw error;
  }
}

function kill(store: EmbeddedStore): boolean {
  const pid = store.pid();
  return pid !== undefined && process.kill(pid, "SIGKILL");
}
