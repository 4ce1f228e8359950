import { existsSync, readdirSync, readFileSync } from "node:fs";

/** `kill -9`, or another signal; nothing when there is no such process any more. */
export function signalTo(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

/** Process id, state and parent of a process; undefined when there is none. */
function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  try {
    const [state = "", parent = ""] = readFileSync(path, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // it ended between the two looks
  }
}

/** A process that nobody has waited for yet is gone too. */
export const isGone = (pid: number): boolean => ["Z", "X", undefined].includes(statOf(pid)?.state);

/** The processes below one, theirs included. */
export function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = pids.filter((pid) => statOf(pid)?.parent === parent);
  return children.flatMap((pid) => [pid, ...childrenOf(pid)]);
}

/** What a process holds in memory at the moment; 0 when it is gone. */
export function memoryMiB(pid: number): number {
  try {
    const [, kib = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Math.round(Number(kib) / 1_024);
  } catch {
    return 0;
  }
}
