import { createHash } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bringLive, postSamples, sampleClients, sampleFiles } from "@greentick/gateway";
import { newFolder, removeFolder, startIn } from "./local.js";
import { comparable, type FactRow, type KeptState, readState } from "./state.js";

const samples = join(__dirname, "../webhook-samples");
const textOf = (file: string): string => readFileSync(join(samples, file), "utf8");

interface Expected {
  readonly charge: string | null;
  readonly currency: string | null;
  readonly why: string;
}
const expected = JSON.parse(textOf("expected.json")) as Readonly<Record<string, Expected>>;
const expectedMicros = Object.values(expected).reduce((sum, { charge }) => sum + BigInt(charge ?? "0"), 0n);

const orders = Array.from({ length: 20 }, (_, place) => place + 1);
const atOnce = 3;
const live = new Date("2026-11-14T00:00:00Z");
/** After the latest delivery that the samples tell of. */
const posting = new Date("2026-11-15T00:00:00Z");

/** A data folder in which the clients that the samples are about are live, and nothing was sent yet. */
async function prepare(): Promise<string> {
  const folder = newFolder("samples");
  const platform = await startIn(folder, live);
  const clock = { now: live };
  for (const client of sampleClients) await bringLive(platform.target, client, clock);
  await platform.target.moveClock(posting);
  await platform.close();
  return folder;
}

/** Posts every sample once, in that order's sequence, to a platform that begins where `origin` ended. */
async function play(origin: string, order: number): Promise<KeptState> {
  const folder = newFolder("samples-order");
  try {
    cpSync(origin, folder, { recursive: true });
    const platform = await startIn(folder, live);
    try {
      await postSamples(platform.target, order);
      return await readState(platform);
    } finally {
      await platform.close();
    }
  } finally {
    removeFolder(folder);
  }
}

async function playAll(origin: string): Promise<ReadonlyMap<number, KeptState>> {
  const states = new Map<number, KeptState>();
  const waiting = [...orders];
  const player = async (): Promise<void> => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift())
      states.set(order, await play(origin, order));
  };
  await Promise.all(Array.from({ length: atOnce }, player));
  return states;
}

interface Statuses {
  readonly entry?: readonly {
    readonly changes?: readonly { readonly value?: { readonly statuses?: readonly { readonly status: string }[] } }[];
  }[];
}
const statusesOf = (file: string): readonly string[] =>
  ((JSON.parse(textOf(file)) as Statuses).entry ?? [])
    .flatMap(({ changes = [] }) => changes)
    .flatMap(({ value }) => value?.statuses ?? [])
    .map(({ status }) => status);

const micros = (state: KeptState): bigint => state.entries.reduce((sum, { cost }) => sum + cost.amountMicros, 0n);

/**
 * What a file's deliveries cost: the entries of the facts whose earliest proof of delivery is in its body. Null when nothing it reports has come to
 * a price: it proves no delivery and no failure, or nobody ever said the price.
 */
function chargeOf(state: KeptState, file: string): string | null {
  const sha256 = createHash("sha256").update(textOf(file)).digest("hex");
  const isSeen = ({ details }: FactRow): boolean =>
    details.seen.some(([, ...webhooks]) => webhooks.some((webhook) => webhook.startsWith(`${sha256}:`)));
  const decides = statusesOf(file).some((status) => status !== "sent");
  const decided = decides ? state.facts.filter((fact) => isSeen(fact) && fact.outcome !== "unrated") : [];
  if (decided.length === 0) return null;
  const proved = new Set(
    decided.filter(({ details }) => details.proof?.webhook.startsWith(`${sha256}:`)).map(({ _id }) => _id),
  );
  const entries = state.entries.filter(({ key }) => proved.has(key));
  return String(entries.reduce((sum, { cost }) => sum + cost.amountMicros, 0n));
}

describe("the sample webhooks, each posted once", () => {
  let states: ReadonlyMap<number, KeptState>;
  beforeAll(async () => {
    const origin = await prepare();
    try {
      states = await playAll(origin);
    } finally {
      removeFolder(origin);
    }
  });
  const stateOf = (order: number): KeptState => {
    const state = states.get(order);
    if (state === undefined) throw new Error(`the order ${order} was not played`);
    return state;
  };

  it("are all told of in the list of charges, and the list tells of nothing else", () => {
    expect(Object.keys(expected).toSorted()).toEqual(sampleFiles());
  });

  it.each(orders)("end in the same state in shuffled order %i as in the first", (order) => {
    expect(comparable(stateOf(order))).toEqual(comparable(stateOf(1)));
  });

  it.each(orders)("cost the sum of their charges in shuffled order %i, at Meta and by a pass-through plan", (order) => {
    const state = stateOf(order);
    expect(micros(state)).toBe(expectedMicros);
    expect(state.entries.reduce((sum, { charge }) => sum + charge.amountMicros, 0n)).toBe(expectedMicros);
    expect(new Set(state.entries.map(({ cost }) => cost.currency))).toEqual(new Set(["USD"]));
  });

  it.each(Object.entries(expected).map(([file, { charge, why }]) => ({ file, charge, why })))(
    "$file costs $charge: $why",
    ({ file, charge }) => {
      expect(chargeOf(stateOf(1), file)).toBe(charge);
    },
  );

  it("are all read: nothing stays in quarantine, nothing is given up, no body waits", () => {
    const { quarantine, deadLetters, bodies } = stateOf(1);
    expect(quarantine.filter((one) => one["releasedAt"] === undefined)).toEqual([]);
    expect(deadLetters).toEqual([]);
    expect(bodies.filter((one) => one["waiting"] === true)).toEqual([]);
  });

  it("teach the platform the templates they tell of", () => {
    const states = stateOf(1).templates.map((one) => one["state"] as { metaTemplateId: string; status: string });
    expect(Object.fromEntries(states.map(({ metaTemplateId, status }) => [metaTemplateId, status]))).toEqual({
      "1873640192837465": "approved",
      "1873640192837502": "rejected",
      "1873640192837511": "disabled",
      "90071992547409931": "deleting",
    });
  });
});
