import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, bringLive, readSecrets, type Target, twoClients } from "@greentick/gateway";
import { hourMs } from "@greentick/kernel";
import { freePorts } from "./free-ports.js";
import { type Hits, type PlatformProcess, startPlatformProcess } from "./platform-process.js";
import { type Receiver, receiver } from "./receiver.js";
import { targetOf } from "./remote-target.js";
import { type Sender } from "./traffic.js";

/** A platform that is killed and started again on the same data, two clients on it, and a server of theirs that is told what happens. */
export interface World {
  /** Business time. */
  readonly now: () => Date;
  readonly senders: readonly Sender[];
  readonly appSecret: string;
  readonly receiver: Receiver;
  /** The living platform; started again when it is dead. */
  readonly alive: () => Promise<PlatformProcess>;
  /** Does the work on a living platform, and again when the platform died under it. */
  readonly through: <T>(work: (target: Target) => Promise<T>) => Promise<T>;
  /** An hour later, everything at rest. */
  readonly hourPasses: () => Promise<void>;
  /** How often each fault point was reached, over all lives. */
  readonly hits: () => Promise<Hits>;
  readonly close: () => Promise<void>;
}

const start = new Date("2026-10-01T00:00:00Z");
const recipients = ["5511", "5730"];
const create = `mutation Endpoint($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } } }`;

export async function openWorld(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-faults-"));
  const place = { dataDir, port: await freePorts(), clock: start };
  const told = await receiver((tries) => tries % 17 === 0);
  const lives = livesOf(() => startPlatformProcess(place));
  const through = async <T>(work: (target: Target) => Promise<T>): Promise<T> => {
    for (;;) {
      const life = await lives.alive();
      try {
        return await work(targetOf(life.ready));
      } catch (error) {
        if (!isBroken(error)) throw error;
        await Promise.race([life.ended, sleep(1_000)]); // or a connection of a living one broke
      }
    }
  };
  const clock = { now: start };
  const target = targetOf((await lives.alive()).ready);
  const senders: Sender[] = [];
  for (const [at, story] of twoClients("2026-10-01").entries()) {
    const client = await bringLive(target, story, clock);
    const input = { url: told.url, kinds: ["message.status"], ordered: true, idempotencyKey: `faults:${client.name}` };
    await ask(target, client.token, create, { input });
    const numbers = client.numbers.map(({ wabaId, phoneNumberId }) => ({
      wabaId,
      phoneNumberId,
      tenantId: client.tenantId,
    }));
    senders.push(...numbers.map((one) => ({ ...one, recipients: recipients[at] ?? "" })));
  }
  await target.settle();
  return {
    now: () => clock.now,
    senders,
    appSecret: readSecrets(dataDir).metaAppSecret,
    receiver: told,
    alive: lives.alive,
    through,
    hourPasses: async () => {
      clock.now = new Date(clock.now.getTime() + hourMs);
      await through((at) => at.moveClock(clock.now));
      await through((at) => at.settle());
    },
    hits: lives.hits,
    close: async () => {
      await lives.end();
      await told.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface Lives {
  readonly alive: () => Promise<PlatformProcess>;
  readonly hits: () => Promise<Hits>;
  readonly end: () => Promise<void>;
}

/** One life after another, never two at once. */
function livesOf(begin: () => Promise<PlatformProcess>): Lives {
  const past = new Map<string, number>();
  let life: Promise<PlatformProcess> | undefined;
  const bury = async (dead: PlatformProcess): Promise<PlatformProcess> => {
    await dead.kill();
    for (const [name, count] of Object.entries(await dead.hits())) past.set(name, (past.get(name) ?? 0) + count);
    return begin();
  };
  const next = async (): Promise<PlatformProcess> => {
    const last = await life;
    if (last === undefined || last.isDead()) {
      life = last === undefined ? begin() : bury(last);
      return life;
    }
    return last;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const alive = (): Promise<PlatformProcess> => {
    const mine = turn.then(next, next);
    turn = mine;
    return mine;
  };
  return {
    alive,
    hits: async () => {
      const sum = new Map(past);
      for (const [name, count] of Object.entries(await (await alive()).hits()))
        sum.set(name, (sum.get(name) ?? 0) + count);
      return Object.fromEntries(sum);
    },
    end: async () => {
      await (await life)?.kill();
    },
  };
}

/** What comes of a connection that breaks, or of nobody who listens, or of half an answer; by name, since it may come from another realm. */
const isBroken = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "name" in error &&
  (error.name === "TypeError" || error.name === "SyntaxError");
