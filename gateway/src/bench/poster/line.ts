import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One kept-alive connection with at most one request on it. */
export interface Line {
  /** The status of the answer; zero when the connection broke before it. */
  readonly ask: (request: Buffer) => Promise<number>;
  /** Resolves when it is connected, so that the first request is not its connection's. */
  readonly connected: () => Promise<void>;
  readonly close: () => void;
}

const againMs = 25;
const headEnd = "\r\n\r\n";

/** Connects when it is first asked, and again when it was cut. A bare socket: a client library would cost more than the answer. */
export function line(url: string): Line {
  const { hostname, port } = new URL(url);
  let socket: Socket | undefined;
  let answered: ((status: number) => void) | undefined;
  let text = "";
  const settle = (status: number): void => {
    const tell = answered;
    answered = undefined;
    text = "";
    tell?.(status);
  };
  /** Not at once: who asks again would find nobody there either. */
  const broke = (): void => {
    const tell = answered;
    answered = undefined;
    text = "";
    setTimeout(() => tell?.(0), againMs);
  };
  const open = (): Socket => {
    const made = connect(Number(port), hostname).setNoDelay(true);
    made.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (isWhole(text)) settle(Number(text.slice(9, 12)));
    });
    made.on("error", () => undefined);
    made.on("close", () => {
      if (socket !== made) return;
      socket = undefined;
      broke();
    });
    return made;
  };
  return {
    ask: (request) =>
      new Promise((resolve) => {
        answered = resolve;
        socket ??= open();
        socket.write(request);
      }),
    connected: async () => {
      socket ??= open();
      if (socket.connecting) await once(socket, "connect");
    },
    close: () => socket?.destroy(),
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf(headEnd);
  if (end < 0) return false;
  const length = /content-length: (\d+)/i.exec(text)?.[1] ?? "0";
  return text.length >= end + headEnd.length + Number(length);
}
