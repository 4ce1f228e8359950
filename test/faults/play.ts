import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "@greentick/gateway";
import { dayMs } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import { type Attack, attack } from "./attacks.js";
import { type Dice, diceOf } from "./dice.js";
import { linkAccount } from "./link-account.js";
import { type Fault } from "./plan.js";
import { cutOff, forge, post } from "./strangers.js";
import { stripeEvents } from "./stripe-events.js";
import { type Line, lineOf, type Sender } from "./traffic.js";
import { type World } from "./world.js";

/** One run as it was played. */
export interface Played {
  readonly run: number;
  readonly lines: readonly Line[];
  readonly acknowledged: number;
  /** Keys of bodies that nobody may have kept. */
  readonly forged: readonly string[];
  /** Ids of Stripe's events that were acknowledged. */
  readonly stripe: readonly string[];
}

export interface Plan {
  readonly seed: number;
  readonly run: number;
  readonly fault: Fault;
  readonly dice: Dice;
  /** Lines of earlier runs, captured on their way. */
  readonly captured: readonly Line[];
}

const replay = `mutation Replay($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) { task { id } } }`;
const shortPauseMs = 20;
/** A signed body is taken in the end: Meta gives up after a week, this is the week. */
const mostPosts = 2_000;

/** Plays a run: the senders send while the fault happens, until everything is acknowledged and at rest. */
export async function play(world: World, plan: Plan): Promise<Played> {
  const { fault, run } = plan;
  const late = lateSender(world, plan);
  const lines = linesOf(world, plan, late);
  const life = await world.lives.alive();
  const [first] = lines.flatMap(({ bodies }) => bodies);
  if (first === undefined) throw new Error("a run without a body");
  const attacked = await attack(world, life, fault, first);
  const acks = { count: 0 };
  const sending = lines.map((line, at) =>
    sendLine({ world, line, fault, attacked, acks, dice: diceOf(plan.seed, run, at + 1) }),
  );
  const forged = (await Promise.all(sending)).flat();
  const stripe = fault.kind === "stripe" ? await stripeEvents(world, plan) : { kept: [], forged: [] };
  await attacked.over();
  const again = fault.kind === "replay" ? await replayCaptured(world, plan, lines) : [];
  await world.rest();
  if (fault.kind === "point") await beside(world, fault.point, { late, lines });
  if (!life.isDead()) life.disarm();
  world.lives.nextFall(undefined);
  return {
    run,
    lines: [...lines, ...again],
    acknowledged: acks.count + stripe.kept.length,
    forged: [...forged, ...stripe.forged],
    stripe: stripe.kept,
  };
}

function linesOf(world: World, { seed, run, fault, dice }: Plan, late: Sender | undefined): readonly Line[] {
  const telling = {
    ...{ seed, run, now: world.now() },
    anyOrder: fault.kind === "reordered",
    inOtherForms: fault.kind === "duplicates",
  };
  return [...world.senders, ...(late === undefined ? [] : [late])].map((sender) => lineOf(sender, telling, dice));
}

/** An account of which nobody knows yet whose it is. */
function lateSender(world: World, { fault, run, seed }: Plan): Sender | undefined {
  const [first] = world.senders;
  if (first === undefined || fault.kind !== "point" || fault.point !== "release.published") return undefined;
  const digits = String(run).padStart(6, "0");
  return { ...first, wabaId: `90${seed}${digits}`, phoneNumberId: `80${seed}${digits}` };
}

/** What has to be done so that a point is passed that the traffic alone does not pass. */
async function beside(
  world: World,
  point: string,
  { late, lines }: { readonly late: Sender | undefined; readonly lines: readonly Line[] },
): Promise<void> {
  if (late !== undefined) await linkAccount(world.store.directUri(), late.tenantId, late.wabaId);
  else if (point === "replay.published") await handOnAgain(world, lines);
  else if (point === "meter.sent" || point === "outbox.published") await world.hourPasses();
  else return;
  await world.rest();
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

interface Sending {
  readonly world: World;
  readonly line: Line;
  readonly dice: Dice;
  readonly fault: Fault;
  readonly attacked: Attack;
  readonly acks: { count: number };
}

/** As Meta does: what is not acknowledged is sent again; what is may come again too. Resolves to the keys of what strangers sent meanwhile. */
async function sendLine({ world, line, dice, fault, attacked, acks }: Sending): Promise<readonly string[]> {
  const forged: string[] = [];
  for (const body of line.bodies) {
    const { url } = (await world.lives.alive()).ready;
    if (fault.kind === "forged" || dice.chance(0.05)) {
      const bytes = await forge(url, body);
      forged.push(createHash("sha256").update(bytes).digest("hex"));
    }
    if (dice.chance(0.05)) cutOff(url, body, world.appSecret);
    await untilTaken(world, body.bytes);
    acks.count += 1;
    await attacked.acked();
    const again = fault.kind === "duplicates" ? fault.times : dice.chance(0.2) ? 1 + dice.upTo(3) : 0;
    const signature = signBody(world.appSecret, body.bytes);
    await Promise.all(Array.from({ length: again }, () => post(url, body.bytes, signature)));
  }
  return forged;
}

async function untilTaken(world: World, bytes: Buffer): Promise<void> {
  const signature = signBody(world.appSecret, bytes);
  for (let posts = 0; posts < mostPosts; posts++) {
    const { ready } = await world.lives.alive();
    const status = await post(ready.url, bytes, signature);
    if (status === 200) return;
    if (status !== undefined && status !== 503) throw new Error(`A signed body was answered ${String(status)}.`);
    await sleep(shortPauseMs);
  }
  throw new Error(`A signed body was not taken in ${mostPosts} tries.`);
}

/** Bodies that somebody captured are posted again, signature and all: at once, to another life, or when their sender has long given up. */
async function replayCaptured(
  world: World,
  { fault, dice, captured }: Plan,
  own: readonly Line[],
): Promise<readonly Line[]> {
  if (fault.kind !== "replay") return [];
  if (fault.after === "a restart") await (await world.lives.alive()).kill();
  if (fault.after === "eight days") world.lives.jump(8 * dayMs);
  const lines = dice.shuffled(captured).slice(0, 4);
  for (const { bytes } of [...lines, ...own].flatMap(({ bodies }) => bodies)) await untilTaken(world, bytes);
  await world.rest();
  world.lives.jump(0);
  return lines;
}
