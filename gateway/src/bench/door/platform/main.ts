import { onFaultPoint } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";
import { startLocal } from "../../../local/local-platform.js";
import { bringLive, type ClientStory } from "../../../story/provider.js";
import { benchStart, type LiveSender, type PlatformAnswer, type PlatformQuestion } from "../platform.js";

/** A platform on a store of somebody else's, in a process that can be killed. Arguments: its folder, the store's address, the first of its ports. */
const [, , dataDir = "", uri = "", port = "0"] = process.argv;

/** Nothing of what is kept is handed on until it is released. */
let released: Promise<void> = Promise.resolve();
let release = (): void => undefined;
onFaultPoint((name) => (name === "splitter.opened" ? released : undefined));

const hold = (isHeld: boolean): void => {
  release();
  released = Promise.resolve();
  if (isHeld) released = new Promise((resolve) => (release = resolve));
};

const say = (told: PlatformAnswer): void => {
  process.send?.(told);
};

async function main(): Promise<void> {
  const options = { dataDir, port: Number(port), fresh: false, clock: benchStart, seed: 1, logLevel: "error" } as const;
  const local = await startLocal({ ...options, log: silentLog, store: { uri } });
  const answer = async (asked: PlatformQuestion): Promise<PlatformAnswer> => {
    if (asked.ask === "usage") {
      const { user, system } = process.cpuUsage();
      return { cpuMs: (user + system) / 1_000, rssMiB: process.memoryUsage.rss() / 2 ** 20 };
    }
    if (asked.ask === "hold") hold(asked.isHeld);
    if (asked.ask === "bring") return { senders: await bring(asked.stories) };
    return {};
  };
  const bring = async (stories: readonly ClientStory[]): Promise<readonly LiveSender[]> => {
    const clock = { now: benchStart };
    const senders: LiveSender[] = [];
    for (const story of stories) {
      const { tenantId, numbers } = await bringLive(local.target, story, clock);
      for (const { wabaId, phoneNumberId } of numbers) senders.push({ tenantId, wabaId, phoneNumberId });
    }
    return senders;
  };
  process.on("message", (asked: PlatformQuestion) => {
    answer(asked).then(say, (error: unknown) => {
      say({ error: String(error) });
    });
  });
  const { metaAppSecret, masterKey } = local.secrets;
  say({ url: local.url, appSecret: metaAppSecret, masterKey });
}

process.on("disconnect", () => process.exit(0));
main().catch((error: unknown) => {
  say({ error: error instanceof Error ? error.message : String(error) });
});
