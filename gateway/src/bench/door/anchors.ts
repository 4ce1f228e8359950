import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** First its address, then, whenever it is asked, what it used. */
export type AnchorAnswer = { readonly url: string } | { readonly cpuMs: number };

/** A server that is measured beside the door. */
export interface Anchor {
  readonly url: string;
  /** User and system time of its process so far. */
  readonly cpuMs: () => Promise<number>;
  readonly close: () => void;
}

export async function startAnchor(kind: "raw" | "group", secret: string): Promise<Anchor> {
  const main = join(__dirname, "anchor", "main.js");
  const child = fork(main, [kind, secret], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [told] = (await once(child, "message")) as [{ url: string }];
  return {
    url: told.url,
    cpuMs: async () => {
      child.send("how much of the processor did you use?");
      const [{ cpuMs }] = (await once(child, "message")) as [{ cpuMs: number }];
      return cpuMs;
    },
    close: () => {
      child.disconnect();
    },
  };
}
