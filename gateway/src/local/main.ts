import { ConfigError } from "@greentick/runtime";
import { readSettings } from "./settings.js";
import { StoppedError, stopOnSignal } from "./stopping.js";

/** What shells and their tools end with when options are wrong. */
const wrongUseCode = 2;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A terminal that was closed takes no more words, which must not keep anything from being closed in order. */
for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);

async function main(): Promise<void> {
  const settings = readSettings(process.argv, process.env);
  const checkpoint = stopOnSignal(async () => {
    const running = await ready.catch(() => undefined);
    await running?.local.close();
    return { wasComplete: running !== undefined };
  }, say);
  const lost = (error: Error): void => {
    say(error.message);
    process.exit(1);
  };
  // The platform's code is read only now, so that help and wrong options are answered at once.
  const ready = import("./run.js").then(({ run }) => run({ settings, checkpoint, say, lost }));
  const { json, table } = await ready;
  const readySeconds = performance.now() / 1_000; // since the process began, so that looking for what to build counts
  process.stdout.write(settings.json ? `${json()}\n` : table(readySeconds));
}

main().catch((error: unknown) => {
  if (error instanceof StoppedError) return; // whoever asked to stop ends the process
  say(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof ConfigError ? wrongUseCode : 1);
});
