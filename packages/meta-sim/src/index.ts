import { poster } from "./post.js";
import { simClock } from "./clock.js";
import { type MetaSimControl, controlOf } from "./control.js";
import { namesOf } from "./ids.js";
import { type MetaSimOptions } from "./options.js";
import { readPriceBook } from "./charges/cards.js";
import { webhookSender } from "./sender.js";
import { handler, listen } from "./server.js";
import { emptyAll, ensureIndexes, onceOnly, simStore } from "./store.js";
import { timeKeeper } from "./time.js";
import { finishPlanning } from "./traffic/traffic.js";
import { type World, background } from "./world.js";

export { type ClockSetting, type MetaSimLog, type MetaSimOptions } from "./options.js";
export { type CountedTotals, type MetaSimControl, type WebhookLog } from "./control.js";
export { type SignupInput, type SignupResult } from "./signup.js";
export { type TrafficInput, type TrafficProgress, type TrafficReport } from "./traffic/traffic.js";
export { type NewFault } from "./faults.js";
export { metaSimRoutes } from "./graph/router.js";
export { invoiceColumns } from "./charges/invoice-lines.js";

export interface MetaSim {
  /** `http://127.0.0.1:<port>`: the Graph API with or without a version in the path, and the control routes under `/_sim/`. */
  readonly url: string;
  readonly port: number;
  readonly control: MetaSimControl;
  /** Stops answering and posting; nothing is lost. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a local Meta. All it knows is in the database it is given: started again on the same one, it goes on where it stopped, posting
 * whatever was not acknowledged. @throws Error when the port is taken or a rate card cannot be read.
 */
export async function startMetaSim(options: MetaSimOptions): Promise<MetaSim> {
  const world = await buildWorld(options);
  const time = timeKeeper(world.parts);
  const control = controlOf(world.parts, time, async () => reset(world.parts));
  const { server, port } = await listen(options.port ?? 0, handler(world.parts, { control }));
  world.setUrl(`http://127.0.0.1:${port}`);
  await finishPlanning(world.parts);
  background(world.parts, world.parts.sender.sendDue(world.parts.clock.now()));
  options.log?.info({ url: world.parts.url() }, "local Meta is ready");
  return {
    url: world.parts.url(),
    port,
    control,
    close: async () => {
      const ended = time.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.parts.sender.close();
      await ended;
    },
  };
}

async function buildWorld(
  options: MetaSimOptions,
): Promise<{ readonly parts: World; readonly setUrl: (url: string) => void }> {
  const store = simStore(options.db);
  await ensureIndexes(store);
  const concurrency = options.concurrency ?? 32;
  const via = poster(concurrency);
  let url = "";
  const parts: World = {
    options,
    store,
    clock: await simClock(store, options.clock),
    names: namesOf(options.seed),
    prices: readPriceBook(options.rateCardDir),
    poster: via,
    sender: webhookSender({ store, poster: via, appSecret: options.appSecret, concurrency }),
    url: () => url,
  };
  await ownPortfolio(parts);
  return { parts, setUrl: (value) => (url = value) };
}

async function ownPortfolio(world: World): Promise<void> {
  const ours = { _id: world.options.businessId, kind: "business" as const, name: "Solution partner", verified: true };
  await onceOnly(async () => world.store.nodes.insertOne(ours));
}

async function reset(world: World): Promise<void> {
  await emptyAll(world.store);
  await world.clock.restart(world.options.clock);
  await ownPortfolio(world);
}
