import { type Target } from "@greentick/gateway";
import { until } from "@greentick/testing";
import { MongoClient } from "mongodb";
import { type RemoteOptions, type RemotePlatform, startRemote } from "./remote.js";

/** How a life of the platform ends: at a fault point, or when the door has kept so many webhooks, whatever else is going on then. */
export type Death = { readonly fault: string } | { readonly kept: number };

interface Life {
  readonly platform: RemotePlatform;
  readonly death: Death | undefined;
  /** Settles when nobody waits for its death any more. */
  readonly watched: Promise<void>;
}

/** A platform that is killed again and again, and started again on the same folder and ports. */
export interface Phoenix {
  /** Does the work on a living platform, and does it again when the platform died under it. */
  readonly through: <T>(work: (target: Target) => Promise<T>) => Promise<T>;
  /** The deaths it died, in order. */
  readonly died: readonly Death[];
  readonly end: () => Promise<void>;
}

/** What the door has kept of Meta is counted in the store itself, so that the kill falls into the middle of whatever follows. */
async function killAfter(kept: number, platform: RemotePlatform): Promise<void> {
  const mongo = await MongoClient.connect(platform.storeUri);
  const raw = mongo.db("greentick_webhook").collection("raw");
  const isOver = async (): Promise<boolean> =>
    platform.isDead() || (await raw.countDocuments({ provider: "meta" })) >= kept;
  await until(isOver);
  await platform.kill();
  await mongo.close(true);
}

export function phoenix(place: Omit<RemoteOptions, "fault">, deaths: readonly Death[]): Phoenix {
  const died: Death[] = [];
  let life: Life | undefined;

  const bury = async ({ platform, death, watched }: Life): Promise<void> => {
    await platform.kill();
    await watched;
    if (death !== undefined) died.push(death);
  };
  const begin = async (death: Death | undefined): Promise<Life | undefined> => {
    const fault = death !== undefined && "fault" in death ? { fault: death.fault } : {};
    const platform = await startRemote({ ...place, ...fault });
    if (platform === undefined) return undefined;
    const watched = death !== undefined && "kept" in death ? killAfter(death.kept, platform) : Promise.resolve();
    return { platform, death, watched };
  };
  const rise = async (): Promise<Life> => {
    while (life === undefined || life.platform.isDead()) {
      if (life !== undefined) await bury(life);
      const death = deaths[died.length];
      life = await begin(death);
      if (life === undefined && death !== undefined) died.push(death);
    }
    return life;
  };
  return {
    died,
    through: async (work) => {
      for (;;) {
        const { platform } = await rise();
        try {
          return await work(platform.target);
        } catch (error) {
          if (!isBroken(error)) throw error;
          await platform.ended;
        }
      }
    },
    end: async () => {
      await life?.platform.kill();
      await life?.watched;
    },
  };
}

/** What `fetch` throws when a connection breaks or nobody listens; by name, since it comes from outside of jest's realm. */
const isBroken = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";
