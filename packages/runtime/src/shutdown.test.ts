import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformFileSync } from "@swc/core";
import { until } from "@greentick/testing";

const jsc = { target: "es2023", parser: { syntax: "typescript" } } as const;

/** A process that stops in the given way; it says what it logs, and that it is up. */
const script = (stop: string, withinMs: number): string => `
const { onShutdown } = require("./shutdown.js");
const log = { error: (fields, sentence) => process.stdout.write(sentence + "\\n") };
onShutdown(${stop}, log, ${withinMs});
setInterval(() => undefined, 1000);
process.stdout.write("up\\n");
`;

describe("a process that is told to end", () => {
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

  const start = async (
    stop: string,
    withinMs = 60_000,
  ): Promise<{ readonly child: ChildProcess; readonly said: () => string }> => {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.js`);
    writeFileSync(file, script(stop, withinMs));
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    const up = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("up\n")) resolve();
      });
    });
    await up;
    return { child, said: () => said };
  };
  const codeOf = async (child: ChildProcess): Promise<unknown> => (await once(child, "close"))[0] as unknown;

  it.each(["SIGINT", "SIGTERM"] as const)("by %s stops what it runs and ends with 0", async (signal) => {
    const { child, said } = await start(`async (signal) => process.stdout.write("stopping for " + signal + "\\n")`);
    child.kill(signal);
    expect(await codeOf(child)).toBe(0);
    expect(said()).toContain(`stopping for ${signal}`);
  });

  it.each([
    ["rejects", `() => Promise.reject(new Error("no"))`],
    ["throws", `() => { throw new Error("no"); }`],
  ])("ends with 1 when stopping %s, and says so", async (_, stop) => {
    const { child, said } = await start(stop);
    child.kill("SIGTERM");
    expect(await codeOf(child)).toBe(1);
    expect(said()).toContain("stopping failed");
  });

  it("ends with 1 when stopping takes longer than it may", async () => {
    const { child, said } = await start(`() => new Promise(() => undefined)`, 50);
    child.kill("SIGTERM");
    expect(await codeOf(child)).toBe(1);
    expect(said()).toContain("stopping took too long");
  });

  it("ends at once when it is told a second time", async () => {
    const { child, said } = await start(
      `() => { process.stdout.write("stopping\\n"); return new Promise(() => undefined); }`,
    );
    child.kill("SIGTERM");
    const code = codeOf(child);
    await until(() => Promise.resolve(said().includes("stopping\n")));
    child.kill("SIGINT");
    expect(await code).toBe(1);
  });
});
