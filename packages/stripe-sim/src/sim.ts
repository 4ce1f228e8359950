import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { type Db } from "mongodb";
import { type ClockMode, openClock } from "./clock.js";
import { createControl, type StripeSimControl } from "./control.js";
import { type ApiParts, createApi, type Handler } from "./http/api.js";
import { createControlApi } from "./http/control-api.js";
import { openFaults } from "./http/faults.js";
import { openRequestLog } from "./http/request-log.js";
import { errorAnswer, send } from "./http/wire.js";
import { refusals } from "./http/errors.js";
import { createGate } from "./lib/gate.js";
import { type Log, silent } from "./log.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { openStore } from "./store/store.js";
import { createDeliverer } from "./webhooks/deliverer.js";

export interface StripeSimOptions {
  /** A database of the simulator's own. It is not closed by {@link StripeSim.close}. */
  readonly db: Db;
  /** TCP port on loopback; 0 or absent takes a free one. */
  readonly port?: number;
  /** The one key that is accepted; `sk_test_…` or `rk_test_…`. */
  readonly apiKey: string;
  /** Where a fresh database's clock starts; a kept clock goes on where it stood. */
  readonly clock: ClockMode;
  /** Object ids follow from it; default 1. */
  readonly seed?: number;
  readonly log?: Log;
  /** From the end of a period to the automatic finalization of its draft; default 72 hours, the most an account can set at Stripe. */
  readonly finalizationGraceHours?: number;
  /** How long a webhook receiver may take; default 10 000 ms. */
  readonly webhookTimeoutMs?: number;
}

export interface StripeSim {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly control: StripeSimControl;
  /** Stops listening, cuts open connections, and resolves when everything under way is kept. */
  close: () => Promise<void>;
}

const host = "127.0.0.1";
const base = `http://${host}`;
const tickMs = 5000;

function checkKey(apiKey: string): void {
  if (!/^(sk|rk)_test_\w+$/.test(apiKey))
    throw new RangeError("The local Stripe takes test keys only: apiKey must start with sk_test_ or rk_test_.");
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "EADDRINUSE" ? "the port is taken; choose another one, or 0 for a free one" : cause.message;
      reject(new Error(`The local Stripe cannot listen on ${host}:${port}: ${why}.`, { cause }));
    });
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** `/v1` to the API, `/_sim` to the control, everything else to Stripe's refusal. */
function createDispatcher(handlers: { api: Handler; control: Handler }, log: Log) {
  const dispatch = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = request.url ?? "/";
    const target = new URL(URL.canParse(asked, base) ? asked : "/", base);
    const handler = target.pathname.startsWith("/_sim/") ? handlers.control : handlers.api;
    await handler(request, response, target);
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    dispatch(request, response).catch((error: unknown) => {
      log.error({ err: error, path: request.url }, "the local Stripe failed to answer");
      if (response.headersSent) response.destroy();
      else send(response, errorAnswer(refusals.serverError()));
    });
  };
}

/** While the clock is the system's, what falls due runs by itself. */
function startTicking(scheduler: Scheduler, isSystem: () => boolean, log: Log): () => void {
  const run = (): void => {
    scheduler.catchUp().catch((error: unknown) => {
      log.error({ err: error }, "a job that fell due failed");
    });
  };
  run();
  const timer = setInterval(() => {
    if (isSystem()) run();
  }, tickMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/**
 * Starts a local Stripe on loopback. What an earlier one kept in the database is there again: objects, clock, idempotency keys, undelivered
 * webhooks; what fell due meanwhile is run.
 * @throws RangeError for a key that is not a test key, Error when the port is taken
 */
export async function startStripeSim(options: StripeSimOptions): Promise<StripeSim> {
  checkKey(options.apiKey);
  const { db, log = silent, seed = 1 } = options;
  const graceSeconds = (options.finalizationGraceHours ?? 72) * 3600;
  const gate = createGate();
  const store = await openStore(db);
  const clock = await openClock(store, options.clock);
  const faults = await openFaults(store);
  const requests = await openRequestLog(db, log);
  const deliverer = createDeliverer({ store, gate, clock, log, timeoutMs: options.webhookTimeoutMs ?? 10_000 });
  let url = "";
  const shared = { store, gate, clock, deliverer, faults, requests, log, seed, graceSeconds, url: () => url };
  const scheduler = createScheduler(shared);
  const control = createControl({ ...shared, scheduler, initialClock: options.clock });
  const api: ApiParts = { ...shared, apiKey: options.apiKey };
  const handlers = { api: createApi(api), control: createControlApi(control, store) };
  const server = createServer(createDispatcher(handlers, log));
  const port = await listen(server, options.port ?? 0);
  url = `http://${host}:${port}`;
  const stopTicking = startTicking(scheduler, () => clock.view().mode === "system", log);
  log.info({ url, clock: clock.view() }, "the local Stripe is listening");
  const close = async (): Promise<void> => {
    stopTicking();
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeAllConnections();
    await closed;
    await deliverer.stop();
    await gate.exclusive(() => requests.flush());
  };
  return { url, host, port, control, close };
}
