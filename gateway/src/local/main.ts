import { readCommandLine } from "./command-line.js";
import { StoppedError, stopOnSignal } from "./stopping.js";

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<void> {
  const began = performance.now();
  const asked = readCommandLine(process.argv, process.env);
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
  const ready = import("./run.js").then(({ run }) => run({ asked, env: process.env, checkpoint, say, lost }));
  const { json, table } = await ready;
  const readySeconds = (performance.now() - began) / 1_000;
  process.stdout.write(asked.json ? `${json()}\n` : table(readySeconds));
}

main().catch((error: unknown) => {
  if (error instanceof StoppedError) return; // whoever asked to stop ends the process
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
