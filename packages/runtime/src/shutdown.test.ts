import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { transformFileSync } from "@swc/core";

const jsc = { target: "es2023", parser: { syntax: "typescript" } } as const;

/** A process that stops in the given way; it says what it logs, and that it is up. */
const script = (stop: string, withinMs: number): string => `
const { onShutdown } = require("./shutdown.js");
const log = { error: (fields, sentence) => process.stdout.write(sentence + "\\n") };
onShutdown(${stop}, log, ${withinMs});
setInterval(() => undefined, 1000);
process.stdout.write("up\\n");
`;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Started {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  readonly said: () => string;
  /** Resolves when it has said so. @throws Error with what it said instead, when it ends or nothing comes in time. */
  readonly says: (words: string) => Promise<void>;
  /** @throws Error when it does not end in time. */
  readonly end: () => Promise<End>;
}

/** Shorter than the limit of a test: what it said is worth reading. */
const patienceMs = 600_000;

/** Nobody waits without an end for a process: not for its words when it is gone, and not for its end when it hangs. */
function run(file: string): Started {
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const words = new EventEmitter();
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    words.emit("more");
  });
  const ended = new Promise<End>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
  const within = async <T>(wanted: string, result: Promise<T>): Promise<T> => {
    const giveUp = new AbortController();
    const late = sleep(patienceMs, undefined, { signal: giveUp.signal }).then(() => {
      throw new Error(`The process did not ${wanted} within ${patienceMs} ms; it said: ${said}`);
    });
    return Promise.race([result, late]).finally(() => {
      giveUp.abort();
      late.catch(() => undefined);
    });
  };
  const saying = async (wanted: string): Promise<void> => {
    const gone = ended.then(({ code, signal }) => {
      throw new Error(`The process ended (${code ?? signal ?? "?"}) and never said ${wanted}; it said: ${said}`);
    });
    gone.catch(() => undefined);
    while (!said.includes(wanted)) await Promise.race([once(words, "more"), gone]);
  };
  return {
    child,
    said: () => said,
    says: (wanted) => within(`say ${wanted}`, saying(wanted)),
    end: () => within("end", ended),
  };
}

describe("a process that is told to end", () => {
  const started: Started[] = [];
  const folder = mkdtempSync(join(tmpdir(), "greentick-shutdown-"));
  beforeAll(() => {
    const { code } = transformFileSync(join(__dirname, "shutdown.ts"), {
      swcrc: false,
      module: { type: "commonjs" },
      jsc,
    });
    writeFileSync(join(folder, "shutdown.js"), code);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    for (const { child } of started.splice(0)) child.kill("SIGKILL");
  });

  const start = async (stop: string, withinMs = 60_000): Promise<Started> => {
    const file = join(folder, `${started.length}.js`);
    writeFileSync(file, script(stop, withinMs));
    const one = run(file);
    started.push(one);
    await one.says("up\n");
    return one;
  };

  it.each(["SIGINT", "SIGTERM"] as const)("by %s stops what it runs and ends with 0", async (signal) => {
    const { child, said, end } = await start(
      `async (signal) => process.stdout.write("stopping for " + signal + "\\n")`,
    );
    child.kill(signal);
    expect(await end()).toEqual({ code: 0, signal: null });
    expect(said()).toContain(`stopping for ${signal}`);
  });

  it.each([
    ["rejects", `() => Promise.reject(new Error("no"))`],
    ["throws", `() => { throw new Error("no"); }`],
  ])("ends with 1 when stopping %s, and says so", async (_, stop) => {
    const { child, said, end } = await start(stop);
    child.kill("SIGTERM");
    expect(await end()).toEqual({ code: 1, signal: null });
    expect(said()).toContain("stopping failed");
  });

  it("ends with 1 when stopping takes longer than it may", async () => {
    const { child, said, end } = await start(`() => new Promise(() => undefined)`, 50);
    child.kill("SIGTERM");
    expect(await end()).toEqual({ code: 1, signal: null });
    expect(said()).toContain("stopping took too long");
  });

  it("ends at once when it is told a second time, whatever hangs: its stop, or what runs when a process exits", async () => {
    const { child, says, end } = await start(
      `() => {
        process.on("exit", () => { for (;;); });
        process.stdout.write("stopping\\n");
        return new Promise(() => undefined);
      }`,
    );
    child.kill("SIGTERM");
    await says("stopping\n");
    child.kill("SIGINT");
    expect(await end()).toEqual({ code: null, signal: "SIGKILL" });
  });
});
