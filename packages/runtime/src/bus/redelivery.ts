import { wakeable } from "../wakeable.js";
import { handleAgain, reads } from "./consumer.js";
import { type Bus, type ConsumerSpec, type DeadLetter } from "./contract.js";
import { type BusCore } from "./engine.js";

/** A consumer that runs in this process. */
export interface Receiver {
  readonly spec: ConsumerSpec;
  readonly stopping: AbortController;
}

export interface Redelivery {
  readonly redeliver: Bus["redeliver"];
  /** Looks for letters that another process was asked to hand in, or could not read, and whose consumer runs here. */
  readonly takeUp: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * Hands dead letters to their consumers again: those that somebody wants, and by itself those that were too new for the process that met them.
 * Each is in one hand at a time, so asking twice hands it in once.
 */
export function redelivery(parts: BusCore, running: ReadonlyMap<string, Receiver>): Redelivery {
  const { deadLetters, log, members } = parts;
  const inHand = new Map<string, Promise<boolean>>();
  const consumers = (): string[] => [...running.keys()];
  const handIn = async (letter: DeadLetter): Promise<void> => {
    const { id, consumer: name, event } = letter;
    const consumer = running.get(name);
    const handled = consumer && (await handleAgain(parts, consumer.spec, { event, signal: consumer.stopping.signal }));
    if (handled === undefined) await deadLetters.letGo(id);
    if (handled === false) await deadLetters.layDown(id);
    if (handled !== true) return;
    await deadLetters.remove(id);
    log.info({ consumer: name, eventId: event.id, eventType: event.type }, "dead letter handled");
  };
  /** False when there is nothing to do: it has gone, or another process has it in hand. */
  const tryNow = async (id: string): Promise<boolean> => {
    try {
      const by = { consumers: consumers(), member: members.id, others: members.others() };
      const letter = await deadLetters.take(id, by);
      if (letter !== undefined) await handIn(letter);
      return letter !== undefined;
    } catch (error) {
      await deadLetters.letGo(id).catch((lost: unknown) => {
        log.warn({ err: lost, deadLetterId: id }, "dead letter could not be let go, only this process can take it now");
      });
      throw error;
    }
  };
  /** Who asks while it is in hand here waits for what comes of that; the look for more does not. */
  const tryOne = (id: string): Promise<boolean> => {
    const mine = inHand.get(id) ?? tryNow(id).finally(() => inHand.delete(id));
    inHand.set(id, mine);
    return mine;
  };
  const due = (): Promise<readonly string[]> =>
    deadLetters.due(consumers(), ({ consumer, ...event }) => reads(running.get(consumer)?.spec, event));
  const someDone = async (): Promise<boolean> => {
    let some = false;
    for (const id of running.size === 0 ? [] : await due()) some = (!inHand.has(id) && (await tryOne(id))) || some;
    return some;
  };
  const all = wakeable(
    async () => {
      while (await someDone());
    },
    (error) => {
      log.warn({ err: error }, "dead letters could not be handed in again, the next beat tries once more");
      return undefined;
    },
  );
  return {
    redeliver: async (id) => {
      if (!(await deadLetters.want(id))) return false;
      await tryOne(id);
      return true;
    },
    takeUp: all.wake,
    stop: all.stop,
  };
}
