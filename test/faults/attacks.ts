import { setTimeout as sleep } from "node:timers/promises";
import { type Fault } from "./plan.js";
import { type PlatformProcess } from "./platform-process.js";
import { halfOpen, post, slowLoris } from "./strangers.js";
import { type Body } from "./traffic.js";
import { type World } from "./world.js";

/** A fault that happens beside the senders. */
export interface Attack {
  /** Called after each acknowledgement. */
  readonly acked: () => Promise<void>;
  /** Resolves when it is over and everything stands as before. */
  readonly over: () => Promise<void>;
}

const done = (): Promise<void> => Promise.resolve();

export async function attack(world: World, life: PlatformProcess, fault: Fault, some: Body): Promise<Attack> {
  const { url } = life.ready;
  switch (fault.kind) {
    case "point":
      world.lives.nextFall(fault.fall);
      life.arm(`${fault.point}:${fault.times}`);
      return { acked: done, over: done };
    case "kill-platform":
    case "kill-both":
      world.lives.nextFall(fault.fall);
      return once(fault.afterAcks, () => life.kill());
    case "kill-store":
      return once(fault.afterAcks, async () => {
        await world.store.kill();
        await sleep(fault.ms);
        await world.store.revive();
      });
    case "broker-kill":
    case "broker-emptied":
      return once(fault.afterAcks, async () => {
        await (fault.kind === "broker-kill" ? world.broker?.kill() : world.broker?.remove());
        await sleep(fault.ms);
        await world.broker?.start();
      });
    case "stall":
    case "disk-full":
    case "flush-error":
    case "slow":
    case "drip":
    case "reset":
    case "cut-before":
    case "cut-after":
    case "black-hole":
    case "refuse":
      return lasting(world, fault);
    case "clock":
      world.lives.jump(fault.aheadMs);
      return {
        acked: done,
        over: async () => {
          await world.rest();
          world.lives.jump(0);
        },
      };
    case "half-open":
      return closing(halfOpen(url, fault.sockets));
    case "slow-loris":
      return closing(slowLoris(url, fault.sockets));
    case "flood": {
      const flood = Array.from({ length: fault.requests }, () => post(url, some.bytes, "sha256=00"));
      return { acked: done, over: () => Promise.all(flood).then(() => undefined) };
    }
    case "duplicates":
    case "reordered":
    case "replay":
    case "stripe":
    case "forged":
    case "none":
      return { acked: done, over: done };
  }
}

/** What happens once, after so many acknowledgements, or at the end when there are fewer. */
function once(afterAcks: number, happen: () => Promise<void>): Attack {
  let count = 0;
  let happening: Promise<void> | undefined;
  const now = (): Promise<void> => (happening ??= happen());
  return {
    acked: async () => {
      count += 1;
      if (count === afterAcks) await now();
    },
    over: now,
  };
}

const closing = (close: () => void): Attack => ({
  acked: done,
  over: () => {
    close();
    return done();
  },
});

type Lasting = Extract<
  Fault,
  { readonly ms: number; readonly kind: Exclude<Fault["kind"], "kill-store" | "broker-kill" | "broker-emptied"> }
>;

/** Trouble with the store that begins now and ends by itself. */
async function lasting({ store }: World, fault: Lasting): Promise<Attack> {
  if (fault.kind === "stall") store.stall();
  else if (fault.kind === "disk-full") await store.fillDisk();
  else if (fault.kind === "flush-error") await store.failFlush();
  else if ("trouble" in fault) store.proxy.trouble(fault.trouble);
  const over = sleep(fault.ms).then(() => store.revive());
  return { acked: done, over: () => over };
}
