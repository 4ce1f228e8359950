import { setMaxListeners } from "node:events";
import { type Poster, postSigned } from "./post.js";
import { type DeliveryRow, type SimStore } from "./store.js";

/**
 * Posts the kept webhook bodies that are due, in their order, until each is acknowledged with 200. Bodies that share a key never
 * overtake each other. A body that is refused or meets no receiver is posted again with growing pauses for as long as the
 * simulator runs, and again after a restart: Meta repeats for days.
 */
export interface Sender {
  /** Posts everything due up to this instant; answers when all of it is acknowledged, or when `patienceMs` of system time are over. */
  readonly sendDue: (horizon: Date, patienceMs?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface SenderParts {
  readonly store: SimStore;
  readonly poster: Poster;
  readonly appSecret: string;
  readonly concurrency: number;
}

const pageSize = 1_000;
/** How far ahead of a body that must wait another one may start. */
const lookAhead = 256;
const pauseMs = (attempt: number): number => Math.min(5_000, 50 * 2 ** Math.min(attempt, 7));

export function webhookSender(parts: SenderParts): Sender {
  const line = new Line(parts);
  return {
    sendDue: async (horizon, patienceMs) => line.run(horizon, patienceMs),
    close: async () => line.close(),
  };
}

class Line {
  private horizon = new Date(0);
  private closed = false;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private again = false;
  private waiting: DeliveryRow[] = [];
  private readonly known = new Set<string>();
  private readonly busy = new Set<string>();
  private readonly flying = new Set<Promise<void>>();
  private acknowledged: string[] = [];
  private wake: () => void = () => undefined;

  constructor(private readonly parts: SenderParts) {
    setMaxListeners(0, this.stopping.signal);
  }

  async run(horizon: Date, patienceMs?: number): Promise<void> {
    if (horizon > this.horizon) this.horizon = horizon;
    this.again = true;
    this.wake();
    this.running ??= this.pumpUntilQuiet();
    if (patienceMs === undefined) return this.running;
    const patience = new AbortController();
    await Promise.race([this.running, pause(patienceMs, patience.signal)]);
    patience.abort();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopping.abort();
    this.parts.poster.close();
    this.wake();
    await this.running;
  }

  /** Clears `running` in the same step as the last look at `again`, so that nobody waits for a pump that has ended. */
  private async pumpUntilQuiet(): Promise<void> {
    do await this.pump();
    while (this.again && !this.closed);
    this.running = undefined;
  }

  private async pump(): Promise<void> {
    while (!this.closed) {
      if (this.waiting.length < lookAhead && this.again) await this.refill();
      this.startAll();
      if (this.acknowledged.length >= pageSize / 2) await this.flush();
      if (this.flying.size === 0 && this.waiting.length === 0 && !this.again) break;
      if (this.flying.size > 0) await new Promise<void>((resolve) => (this.wake = resolve));
    }
    await Promise.all(this.flying);
    await this.flush();
  }

  /** Reads the next page. `again` stays set while there may be more. */
  private async refill(): Promise<void> {
    this.again = false;
    await this.flush();
    const due = { state: "pending" as const, dueAt: { $lte: this.horizon } };
    const limit = pageSize + this.known.size;
    const page = await this.parts.store.deliveries.find(due).sort({ dueAt: 1, seq: 1 }).limit(limit).toArray();
    const fresh = page.filter((row) => !this.known.has(row._id));
    for (const row of fresh) this.known.add(row._id);
    this.waiting.push(...fresh);
    if (page.length === limit) this.again = true;
  }

  private startAll(): void {
    const held = new Set<string>();
    for (let at = 0; at < Math.min(this.waiting.length, lookAhead) && this.flying.size < this.parts.concurrency;) {
      const row = this.waiting[at];
      if (row === undefined) return;
      if (row.keys.some((key) => this.busy.has(key) || held.has(key))) {
        for (const key of row.keys) held.add(key);
        at++;
      } else {
        this.waiting.splice(at, 1);
        this.start(row);
      }
    }
  }

  private start(row: DeliveryRow): void {
    for (const key of row.keys) this.busy.add(key);
    const flight = this.deliver(row).finally(() => {
      for (const key of row.keys) this.busy.delete(key);
      this.flying.delete(flight);
      this.wake();
    });
    this.flying.add(flight);
  }

  private async deliver(row: DeliveryRow): Promise<void> {
    for (let attempt = 1; !this.closed; attempt++) {
      const outcome = await postSigned(this.parts.poster, { url: row.url, secret: this.parts.appSecret }, row.body);
      if (outcome === "200") {
        this.acknowledged.push(row._id);
        return;
      }
      await this.note(outcome, 1);
      await pause(pauseMs(attempt), this.stopping.signal);
    }
  }

  /** Writes down what was acknowledged. A crash before it means that those bodies are posted once more. */
  private async flush(): Promise<void> {
    const done = this.acknowledged;
    this.acknowledged = [];
    if (done.length === 0) return;
    await this.parts.store.deliveries.updateMany({ _id: { $in: done } }, { $set: { state: "acknowledged" } });
    for (const id of done) this.known.delete(id);
    await this.note("200", done.length);
  }

  private async note(outcome: string, count: number): Promise<void> {
    await this.parts.store.outcomes.updateOne({ _id: outcome }, { $inc: { count } }, { upsert: true });
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener("abort", over);
  });
