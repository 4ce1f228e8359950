import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "@greentick/gateway";
import { signBody } from "@greentick/meta";
import { type Dice } from "./dice.js";
import { linkAccount } from "./link-account.js";
import { type Fault } from "./plan.js";
import { type PlatformProcess } from "./platform-process.js";
import { cutOff, forge, halfOpen, post } from "./strangers.js";
import { type Line, lineOf, type Sender } from "./traffic.js";
import { type World } from "./world.js";

/** One run as it was played. */
export interface Played {
  readonly run: number;
  readonly fault: Fault;
  readonly lines: readonly Line[];
  readonly acknowledged: number;
  /** Hashes of bodies that nobody may have kept. */
  readonly forged: readonly string[];
}

export interface Plan {
  readonly seed: number;
  readonly run: number;
  readonly fault: Fault;
  readonly dice: Dice;
}

const replay = `mutation Replay($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) { task { id } } }`;
const shortPauseMs = 20;

/** Plays a run: the senders send while the fault happens, until everything is acknowledged and at rest. */
export async function play(world: World, plan: Plan): Promise<Played> {
  const { fault, dice, seed, run } = plan;
  const late = lateSender(world, plan);
  const senders = late === undefined ? world.senders : [...world.senders, late];
  const lines = senders.map((sender) => lineOf(sender, { seed, run, now: world.now() }, dice));
  const life = await world.alive();
  if (fault.kind === "point") life.arm(`${fault.point}:${fault.times}`);
  const forged: string[] = [];
  const acks = { count: 0 };
  const acked = async (): Promise<void> => {
    acks.count += 1;
    if (fault.kind === "kill" && acks.count === fault.afterAcks + 1) await life.kill();
  };
  const beside = strangers(life, plan, lines);
  await Promise.all(lines.map((line) => sendLine({ world, line, dice, acked, forged })));
  await (
    await beside
  )();
  await world.through(({ settle }) => settle());
  if (late !== undefined) await linkAccount((await world.alive()).ready.storeUri, late.tenantId, late.wabaId);
  if (fault.kind === "point" && fault.point === "replay.published") await handOnAgain(world, lines);
  await world.hourPasses();
  if (!life.isDead()) life.disarm();
  await world.through(({ settle }) => settle());
  return { run, fault, lines, acknowledged: acks.count, forged };
}

/** An account of which nobody knows yet whose it is. */
function lateSender(world: World, { fault, run, seed }: Plan): Sender | undefined {
  const [first] = world.senders;
  if (first === undefined || fault.kind !== "point" || fault.point !== "release.published") return undefined;
  const digits = String(run).padStart(6, "0");
  return { ...first, wabaId: `90${seed}${digits}`, phoneNumberId: `80${seed}${digits}` };
}

/** What goes on beside the senders; resolves to what ends it. */
async function strangers(
  life: PlatformProcess,
  { fault, dice }: Plan,
  lines: readonly Line[],
): Promise<() => Promise<void>> {
  const { url } = life.ready;
  if (fault.kind === "stall") {
    await sleep(dice.upTo(50));
    const stalled = life.stallStore(fault.ms);
    return () => stalled;
  }
  if (fault.kind === "half-open") {
    const close = halfOpen(url, fault.sockets);
    return () => {
      close();
      return Promise.resolve();
    };
  }
  const body = lines[0]?.bodies[0];
  if (fault.kind === "flood" && body !== undefined) {
    const flood = Array.from({ length: fault.requests }, () => post(url, body.bytes, "sha256=00"));
    return async () => {
      await Promise.all(flood);
    };
  }
  return () => Promise.resolve();
}

interface Sending {
  readonly world: World;
  readonly line: Line;
  readonly dice: Dice;
  readonly acked: () => Promise<void>;
  readonly forged: string[];
}

/** As Meta does: what is not acknowledged is sent again; what is may come again too. */
async function sendLine({ world, line, dice, acked, forged }: Sending): Promise<void> {
  for (const body of line.bodies) {
    const signature = signBody(world.appSecret, body.bytes);
    const { url } = (await world.alive()).ready;
    if (dice.chance(0.05))
      forged.push(
        createHash("sha256")
          .update(await forge(url, body))
          .digest("hex"),
      );
    if (dice.chance(0.05)) cutOff(url, body, world.appSecret);
    for (;;) {
      const { ready } = await world.alive();
      const status = await post(ready.url, body.bytes, signature);
      if (status === 200) break;
      if (status !== undefined && status !== 503) throw new Error(`A signed body was answered ${String(status)}.`);
      await sleep(shortPauseMs);
    }
    await acked();
    const again = dice.chance(0.2) ? 1 + dice.upTo(3) : 0;
    for (let times = 0; times < again; times++) await post(url, body.bytes, signature);
  }
}

/** Everything of the run is handed on once more, under the same ids. */
const handOnAgain = (world: World, lines: readonly Line[]): Promise<unknown> =>
  world.through((target) =>
    ask(target, target.tokens.platform_admin, replay, {
      input: {
        mode: "ALL",
        ids: lines.flatMap(({ bodies }) => bodies.map(({ sha256 }) => sha256)),
        reason: "The consumers are asked whether they know it already",
      },
    }),
  );
