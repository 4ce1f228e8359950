import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Messages that the platform has written into its folder. */
export interface Mailbox {
  /** The token in the oldest message to an address that was not asked for before; waits until it is there. @throws Error when nobody writes for two minutes. */
  readonly nextToken: (email: string) => Promise<string>;
}

const lookEveryMs = 10;
const mostLooks = 12_000;

export function mailbox(folder: string): Mailbox {
  const read = new Set<string>();
  const waiting = new Map<string, string[]>();
  const open = (name: string): void => {
    const text = readFileSync(join(folder, name), "utf8").replaceAll("=\n", "").replaceAll("=3D", "=");
    const to = /^To: (\S+)$/m.exec(text)?.[1];
    if (to === undefined) return;
    read.add(name);
    const token = /#token=([\w.-]+)/.exec(text)?.[1];
    if (token !== undefined) waiting.set(to, [...(waiting.get(to) ?? []), token]);
  };
  const names = (): readonly string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return {
    nextToken: async (email) => {
      for (let look = 0; look < mostLooks; look++) {
        for (const name of names()) if (!read.has(name)) open(name);
        const token = waiting.get(email)?.shift();
        if (token !== undefined) return token;
        await pause(lookEveryMs);
      }
      throw new Error(`Nobody has mailed a link to ${email}.`);
    },
  };
}
