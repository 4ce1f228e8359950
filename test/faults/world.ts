import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, bringLive, readSecrets, type Target, twoClients } from "@greentick/gateway";
import { hourMs } from "@greentick/kernel";
import { type NatsServer, natsServer } from "@greentick/testing";
import { type AttackedStore, attackedStore } from "./attacked-store.js";
import { freePorts } from "./free-ports.js";
import { type Lives, livesOf } from "./lives.js";
import { type Receiver, receiver } from "./receiver.js";
import { targetOf } from "./remote-target.js";
import { type Sender } from "./traffic.js";

/** A platform that is killed and started again on the same data, its store, two clients on it, and a server of theirs that is told what happens. */
export interface World {
  /** Business time. */
  readonly now: () => Date;
  readonly senders: readonly Sender[];
  readonly appSecret: string;
  readonly receiver: Receiver;
  readonly store: AttackedStore;
  /** Of a platform whose events travel over one. */
  readonly broker?: NatsServer;
  readonly lives: Lives;
  /** Does the work on a living platform, and again when the platform died under it or could not do it yet. */
  readonly through: <T>(work: (target: Target) => Promise<T>) => Promise<T>;
  readonly rest: () => Promise<void>;
  /** An hour later, everything at rest. */
  readonly hourPasses: () => Promise<void>;
  /** Kills platform and store, whatever became of them. */
  readonly startAfresh: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const start = new Date("2026-10-01T00:00:00Z");
/** The first of the month, from which the clients pay, has begun in every zone. */
const everywhereLater = new Date("2026-10-02T00:00:00Z");
const recipients = ["5511", "5730"];
const create = `mutation Endpoint($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } } }`;
const account = `{ billingAccount { currency } }`;
const budget = `mutation Budget($input: SetBudgetInput!) { setBudget(input: $input) { budget { id } } }`;
/** A trouble that was ended is felt for a while; who cannot work after so many tries has a fault of its own. */
const mostTries = 60;

export type BusKind = "store" | "nats";

export interface WorldParts {
  /** Where its events travel; default in the store. */
  readonly bus?: BusKind | undefined;
  /** The guard that the platform has to do without. */
  readonly without?: string | undefined;
}

export async function openWorld({ bus, without }: WorldParts): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-faults-"));
  const store = await attackedStore(join(dataDir, "store"));
  const told = await receiver((tries) => tries % 101 === 0);
  const broker = bus === "nats" ? await natsServer() : undefined;
  const env = { WEBHOOK_STORE_PATIENCE_MS: "500", ...(broker && { BUS_URL: broker.url }) };
  const lives = livesOf(
    { dataDir: join(dataDir, "platform"), port: await freePorts(), clock: start, env, without },
    store,
  );
  const through = async <T>(work: (target: Target) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const life = await lives.alive();
      try {
        return await work(targetOf(life.ready));
      } catch (error) {
        if (tries === mostTries) throw error;
        await Promise.race([life.ended, sleep(500)]);
      }
    }
  };
  const clock = { now: start };
  const rest = (): Promise<void> => through((target) => target.settle());
  return {
    now: () => clock.now,
    senders: await bringSenders(targetOf((await lives.alive()).ready), told.url, clock),
    appSecret: readSecrets(join(dataDir, "platform")).metaAppSecret,
    receiver: told,
    store,
    ...(broker && { broker }),
    lives,
    through,
    rest,
    hourPasses: async () => {
      clock.now = new Date(clock.now.getTime() + hourMs);
      await through((target) => target.moveClock(clock.now));
      await rest();
    },
    startAfresh: async () => {
      await store.revive();
      lives.jump(0);
      lives.nextFall(undefined);
      await (await lives.alive()).kill();
      await store.kill();
    },
    close: async () => {
      await lives.end();
      await told.close();
      await store.close();
      await broker?.remove();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Two clients with a number and a budget each, and an endpoint that wants to hear of their messages in order. */
async function bringSenders(target: Target, url: string, clock: { now: Date }): Promise<readonly Sender[]> {
  const senders: Sender[] = [];
  for (const [at, story] of twoClients("2026-10-01").entries()) {
    const client = await bringLive(target, story, clock);
    const input = { url, kinds: ["message.status"], ordered: true, idempotencyKey: `faults:${client.name}` };
    await ask(target, client.token, create, { input });
    const { billingAccount } = await ask<{ billingAccount: { currency: string } }>(target, client.token, account);
    const name = "All messages";
    const limit = { name, currency: billingAccount.currency, softLimit: "1000000", idempotencyKey: `budget:${name}` };
    await ask(target, client.token, budget, { input: limit });
    for (const { wabaId, phoneNumberId } of client.numbers)
      senders.push({ wabaId, phoneNumberId, tenantId: client.tenantId, recipients: recipients[at] ?? "" });
  }
  clock.now = everywhereLater;
  await target.moveClock(clock.now);
  return senders;
}
