import { join } from "node:path";
import { openStore, type Store } from "@greentick/runtime";
import { checkPorts } from "../../local/ports.js";
import { type ClientStory, twoClients } from "../../story/provider.js";
import { type Posted, type Poster, poster, type Posting } from "../poster.js";
import { type Anchor, startAnchor } from "./anchors.js";
import { type Ledger, openLedger } from "./ledger.js";
import { benchStart, type LiveSender, type PlatformProcess, startPlatformProcess } from "./platform.js";

/** Everything that is measured, each in a process of its own: the store, the platform, two anchors, two that post. */
export interface Ground {
  readonly platform: () => PlatformProcess;
  /** Kills it and starts it again on the same store and ports. Resolves when the new process says that it has started. */
  readonly restart: () => Promise<void>;
  readonly raw: Anchor;
  readonly group: Anchor;
  readonly posters: readonly [Poster, Poster];
  readonly ledger: Ledger;
  /** The first is the one that floods. */
  readonly clients: readonly LiveSender[];
  readonly storeUri: string;
  /** Webhooks of these clients to the door, or to an anchor. */
  readonly posting: (senders: readonly LiveSender[], how: Omit<Posting, PostingParts>, to?: Anchor) => Posting;
  readonly close: () => Promise<void>;
}
type PostingParts = "url" | "appSecret" | "senders" | "word" | "at";

/** One that floods and two others, of which one shares the flooder's partition of the event bus and one does not. */
function stories(): readonly ClientStory[] {
  const [loud, quiet] = twoClients("2026-10-01");
  const withIds = (story: ClientStory, n: number, phoneNumberId: string): ClientStory => ({
    ...story,
    client: { ...story.client, name: `${story.client.name} ${n}` },
    numbers: story.numbers.map((number) => ({
      ...number,
      number: number.number.replace(/\d$/, String(n)),
      ids: { phoneNumberId, wabaId: `31827465019283${n}` },
    })),
  });
  return [withIds(loud, 1, numbers.loud), withIds(quiet, 2, numbers.beside), withIds(quiet, 3, numbers.apart)];
}

/** Numbers whose events lie in partitions 0, 0 and 1 of eight. */
const numbers = { loud: "100000000000017", beside: "100000000000022", apart: "100000000000014" };

/** So late that it is the first of October in the clients' zones too, from when on they are billed. */
const saidAfterSeconds = 6 * 3_600;

const nothing = (): void => undefined;
const quiet = { info: nothing, warn: nothing, error: nothing };

/** Four that nobody listens on: who is killed is looked for where it was. */
async function freePorts(): Promise<number> {
  const first = 20_000 + 4 * Math.floor(Math.random() * 2_500);
  return checkPorts(first).then(
    () => first,
    () => freePorts(),
  );
}

export async function openGround(dataDir: string): Promise<Ground> {
  const store: Store = await openStore({ dataDir: join(dataDir, "store"), log: quiet });
  const place = { dataDir: join(dataDir, "platform"), storeUri: store.uri, port: await freePorts() };
  const start = (): Promise<PlatformProcess> => startPlatformProcess(place);
  let platform = await start();
  const { appSecret, masterKey } = platform;
  const clients = await platform.bring(stories());
  const [raw, group] = [await startAnchor("raw", appSecret), await startAnchor("group", appSecret)];
  const posters = [poster(), poster()] as const;
  const ledger = await openLedger(store.uri, masterKey);
  let words = 0;
  return {
    ...{ raw, group, posters, ledger, clients },
    storeUri: store.uri,
    platform: () => platform,
    restart: async () => {
      await platform.kill();
      platform = await start();
    },
    posting: (senders, how, to) => ({
      ...how,
      url: (to ?? platform).url,
      appSecret,
      senders,
      word: `${process.pid}.${(words += 1)}`,
      at: Math.floor(benchStart.getTime() / 1_000) + saidAfterSeconds,
    }),
    close: async () => {
      for (const one of posters) one.close();
      raw.close();
      group.close();
      await ledger.close();
      await platform.kill();
      await store.close();
    },
  };
}

export const perSecond = ({ acknowledged, elapsedMs }: Posted): number => acknowledged / (elapsedMs / 1_000);
