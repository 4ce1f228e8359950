import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { testDatabase } from "@greentick/testing";
import { buildAll } from "../federation/processes.js";

const dist = join(__dirname, "..", "..", "services", "billing", "dist");
const messages = Number(process.env["KILLED_MESSAGES"] ?? 1_500);
const kills = Number(process.env["KILLED_TIMES"] ?? 40);

interface Row {
  readonly _id: string;
  readonly key: string;
  readonly units: number;
  readonly bucket: string;
  readonly day: string;
  readonly charge: { readonly amountMicros: bigint };
}

/** The next of numbers that follow from a seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("rating that is killed again and again", () => {
  const store = testDatabase("killed");
  const prefixes = { killed: "", calm: "" };
  const died: number[] = [];

  const start = (prefix: string): ChildProcess =>
    spawn(process.execPath, [join(dist, "bench/ingest/main.js"), store.uri, `${prefix}billing`, String(messages)], {
      stdio: ["ignore", "pipe", "inherit"],
    });

  /** One life: ends by itself, or with SIGKILL when it has said so many lines. True when it came to its end. */
  async function live(prefix: string, lines: number): Promise<boolean> {
    const child = start(prefix);
    const gone = once(child, "exit");
    let [said, done] = [0, false];
    if (child.stdout === null) throw new Error("it says nothing");
    for await (const line of createInterface({ input: child.stdout })) {
      done ||= line === "done";
      said += 1;
      if (said === lines) child.kill("SIGKILL");
    }
    const [code] = (await gone) as [number | null];
    if (code !== null && code !== 0) throw new Error(`it ended with ${code}`);
    return done;
  }

  beforeAll(async () => {
    buildAll();
    prefixes.killed = store.dbName("k");
    prefixes.calm = store.dbName("c");
    const next = dice(11);
    for (let life = 0; life < kills; life++) {
      const lines = 1 + Math.floor(next() * 12);
      if (await live(prefixes.killed, lines)) break;
      died.push(lines);
    }
    while (!(await live(prefixes.killed, Infinity)));
    while (!(await live(prefixes.calm, Infinity)));
  }, 600_000);

  const entriesIn = (prefix: string): Promise<Row[]> =>
    store.mongo.db(`${prefix}billing`).collection<Row>("entries").find().sort({ _id: 1 }).toArray();
  const line = ({ _id, key, units, bucket, day, charge }: Row): string =>
    [_id, key, units, bucket, day, charge.amountMicros].join(" ");

  it("was killed often, wherever it just was", () => {
    expect(died.length).toBeGreaterThanOrEqual(Math.min(kills, 20));
  });

  it("has every charge of an undisturbed run, and none twice", async () => {
    const [killed, calm] = [await entriesIn(prefixes.killed), await entriesIn(prefixes.calm)];
    expect(calm.length).toBeGreaterThan(messages / 2);
    expect(new Set(killed.map(({ key }) => key)).size).toBe(new Set(calm.map(({ key }) => key)).size);
    const units = (rows: readonly Row[], key: string): number =>
      rows.filter((row) => row.key === key).reduce((sum, row) => sum + row.units, 0);
    const some = calm.filter((_, at) => at % 37 === 0);
    expect(some.map(({ key }) => units(killed, key))).toEqual(some.map(() => 1));
    expect(killed.reduce((sum, row) => sum + row.units, 0)).toBe(calm.reduce((sum, row) => sum + row.units, 0));
    expect(killed.map(line)).toEqual(calm.map(line));
  });

  it.each(["killed", "calm"] as const)("has windows that agree with the ledger after the %s run", (run) => {
    const env = { ...process.env, MONGODB_URI: store.uri, DATABASE_PREFIX: prefixes[run] };
    const { stdout, status } = spawnSync(process.execPath, [join(dist, "ledger/main.js"), "verify", "2026-11"], {
      env,
      encoding: "utf8",
    });
    expect([stdout.trim(), status]).toEqual(["all balances of 2026-11 agree with the ledger", 0]);
  });

  it.each(["killed", "calm"] as const)("leaves no note open after the %s run", async (run) => {
    const notes = store.mongo.db(`${prefixes[run]}billing`).collection("booking_notes");
    const facts = store.mongo.db(`${prefixes[run]}billing`).collection<{ note?: string }>("facts");
    const open = await notes.find().toArray();
    expect(await facts.countDocuments({ note: { $in: open.map(({ _id }) => String(_id)) } })).toBe(0);
  });
});
