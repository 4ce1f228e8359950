import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** A real NATS server with JetStream on a folder of its own, on loopback. */
export interface NatsServer {
  readonly url: string;
  /**
   * Ends it as `kill` does and takes a copy of what it has; starts it again. The answer ends it once more, puts that copy in the place of what it
   * got since then, as a disk that had not written yet, and starts it. Where its consumers stand is not taken back, and therefore written down
   * before.
   */
  readonly remember: (stream: string) => Promise<() => Promise<void>>;
  /** Ends it as a power cut of its machine would not: without a word to anybody. Its folder stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and folder. */
  readonly start: () => Promise<void>;
  /** Kills it and takes its folder away; for the end of a test. */
  readonly remove: () => Promise<void>;
}

const script = join("infra", "dev", "nats.mjs");

function projectRoot(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, script))) return folder;
  throw new Error(`${script} is not in any folder above ${__dirname}`);
}

/** The program, fetched from Debian's packages where there is none. @throws Error with the script's sentence. */
function program(): string {
  const args = [join(projectRoot(), script)];
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Starts one on a free port. @throws Error when there is no server and none can be fetched. */
export async function natsServer(): Promise<NatsServer> {
  const bin = program();
  const folder = mkdtempSync(join(tmpdir(), "greentick-nats-"));
  let running = await launch(bin, folder, -1);
  const { port } = running;
  const start = async (): Promise<void> => {
    running = await launch(bin, folder, port);
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    remember: async (stream) => {
      const messages = join(folder, "jetstream", "$G", "streams", stream, "msgs");
      const copy = join(folder, "remembered");
      await running.kill();
      cpSync(messages, copy, { recursive: true });
      await start();
      return async () => {
        await running.stop();
        rmSync(messages, { recursive: true });
        renameSync(copy, messages);
        await start();
      };
    },
    kill: () => running.kill(),
    start,
    remove: async () => {
      await running.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly port: number;
  /** Safe to repeat, as is `stop`. */
  readonly kill: () => Promise<void>;
  /** Lets it write down what it knows. */
  readonly stop: () => Promise<void>;
}

/** Ends the server as it is told to, and kills it when its own standard input ends: also when the tests are killed, nothing of them stays behind. */
const keeper = 'trap "" TERM INT HUP; "$0" "$@" & server=$!; exec 2>&-; read -r how; kill "${how:--9}" "$server"; wait';

/** Resolves when it takes clients. @throws Error with what it said when it ends before. */
function launch(bin: string, folder: string, port: number): Promise<Launched> {
  const args = ["--jetstream", "--store_dir", folder, "--addr", "127.0.0.1", "--port", String(port)];
  const child = spawn("sh", ["-c", keeper, bin, ...args], { stdio: ["pipe", "ignore", "pipe"] });
  const ended = once(child, "exit");
  const end = (how: string) => async (): Promise<void> => {
    child.stdin.end(how);
    await ended;
  };
  const [kill, stop] = [end(""), end("-TERM\n")];
  const said: string[] = [];
  let listening = 0;
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    const lines = createInterface({ input: child.stderr });
    lines.once("close", () => {
      child.stdin.end();
      reject(new Error(`The NATS server did not start: ${said.slice(-5).join(" | ")}`));
    });
    lines.on("line", (line) => {
      said.push(line);
      listening = Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? listening);
      if (line.includes("Server is ready")) resolve({ port: listening, kill, stop });
    });
  });
}
