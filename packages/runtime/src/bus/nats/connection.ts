import { type Log } from "@greentick/kernel";
import { type JetStreamClient, jetstream, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";

/** One connection to the servers, which comes back by itself. */
export interface NatsLink {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** False while the connection is cut: what this process has in hand may be given to others. */
  readonly connected: () => boolean;
  readonly close: () => Promise<void>;
}

/** System time between attempts to connect again. */
const reconnectEveryMs = 250;

interface Address {
  readonly servers: string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
}

/** `nats://user:password@host:4222`, or several of a cluster separated by commas; `tls://` asks for an encrypted connection. */
function addressOf(url: string): Address {
  const urls = url.split(",").map((one) => new URL(one.trim()));
  const user = urls.find(({ username }) => username !== "");
  return {
    servers: urls.map(({ host }) => host),
    tls: urls.some(({ protocol }) => protocol === "tls:"),
    ...(user && { user: decodeURIComponent(user.username), pass: decodeURIComponent(user.password) }),
  };
}

/**
 * Connects, and calls `onReturn` whenever a cut connection stands again. @throws Error with one sentence when no server can be reached or it has
 * no JetStream.
 */
export async function linkTo(url: string, log: Log, onReturn: () => void): Promise<NatsLink> {
  const { tls, servers, ...login } = addressOf(url);
  const say = (problem: string, cause: unknown): Error =>
    new Error(`The event bus at ${servers.join(", ")} ${problem}: is it running, and is BUS_URL right?`, { cause });
  const connection = await connect({
    servers,
    ...login,
    ...(tls && { tls: {} }),
    name: "greentick",
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectEveryMs,
    reconnectJitter: reconnectEveryMs,
  }).catch((cause: unknown) => {
    throw say("cannot be reached", cause);
  });
  const jsm = await jetstreamManager(connection).catch(async (cause: unknown) => {
    await connection.close();
    throw say("has no JetStream", cause);
  });
  const state = { connected: true };
  void follow(connection, log, (connected) => {
    const returned = connected && !state.connected;
    state.connected = connected;
    if (returned) onReturn();
  });
  return {
    js: jetstream(connection),
    jsm,
    connected: () => state.connected,
    close: async () => {
      const { connected } = state;
      state.connected = false;
      await (connected ? connection.drain() : connection.close());
    },
  };
}

async function follow(connection: NatsConnection, log: Log, tell: (connected: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === "disconnect") log.warn({}, "the connection to the event bus was cut, it is tried again");
    if (type === "reconnect") log.info({}, "the connection to the event bus stands again");
    if (type === "disconnect" || type === "reconnect") tell(type === "reconnect");
  }
}
