import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What goes wrong on the way to the store and back. */
export type Trouble =
  | { readonly kind: "slow"; readonly ms: number }
  /** A few bytes at a time. */
  | { readonly kind: "drip"; readonly bytes: number }
  /** Each connection breaks once so many bytes went over it. */
  | { readonly kind: "reset"; readonly bytes: number }
  /** What is asked is never heard. */
  | { readonly kind: "cut-before" }
  /** What is asked is heard and done, its answer never arrives. */
  | { readonly kind: "cut-after" }
  /** Everything is taken, nothing is ever said. */
  | { readonly kind: "black-hole" }
  | { readonly kind: "refuse" };

export interface FaultProxy {
  readonly port: number;
  /** Where connections go from now on. */
  readonly target: (port: number) => void;
  /** Begins a trouble, or ends it: connections that lost bytes by it break then. */
  readonly trouble: (trouble: Trouble | undefined) => void;
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly store: Socket;
  bytes: number;
  holed: boolean;
}

/** Stands between the platform and its store. */
export async function faultProxy(): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let targetPort = 0;
  let now: Trouble | undefined;
  const cut = (pair: Pair): void => {
    pair.client.resetAndDestroy();
    pair.store.destroy();
    pairs.delete(pair);
  };
  const breaks = (pair: Pair, to: Socket): boolean =>
    (now?.kind === "cut-before" && to === pair.store) ||
    (now?.kind === "cut-after" && to === pair.client) ||
    (now?.kind === "reset" && pair.bytes > now.bytes);
  const pass = async (pair: Pair, chunk: Buffer, to: Socket): Promise<void> => {
    pair.bytes += chunk.length;
    if (now?.kind === "black-hole") pair.holed = true;
    if (pair.holed || to.destroyed) return;
    if (now?.kind === "slow") await sleep(now.ms);
    if (breaks(pair, to)) {
      cut(pair);
      return;
    }
    for (let from = 0; from < chunk.length;) {
      const many: number = now?.kind === "drip" ? now.bytes : chunk.length - from;
      to.write(chunk.subarray(from, from + many));
      from += many;
      if (from < chunk.length) await sleep(1);
    }
  };
  const couple = (pair: Pair, from: Socket, to: Socket): void => {
    let last: Promise<unknown> = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      last = last.then(() => pass(pair, chunk, to));
    });
    from.on("error", () => undefined); // whoever breaks off is followed by `close`
    from.on("close", () => {
      last = last.then(() => {
        pairs.delete(pair);
        to.destroy();
      });
    });
  };
  const server = createServer((client) => {
    if (now?.kind === "refuse") {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, store: connect(targetPort, "127.0.0.1"), bytes: 0, holed: false };
    for (const socket of [client, pair.store]) socket.setNoDelay(true);
    pairs.add(pair);
    couple(pair, client, pair.store);
    couple(pair, pair.store, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    target: (port) => {
      targetPort = port;
    },
    trouble: (trouble) => {
      now = trouble;
      for (const pair of pairs) {
        pair.bytes = 0;
        if (trouble?.kind === "refuse" || (pair.holed && trouble === undefined)) cut(pair);
      }
    },
    close: async () => {
      for (const pair of pairs) cut(pair);
      await once(server.close(), "close");
    },
  };
}
