import { courtesy, type Courtesy } from "./courtesy.js";

/** A piece of work that ends when it is told to. */
function aPiece(): { readonly run: () => Promise<string>; readonly began: () => boolean; readonly end: () => void } {
  let begun = false;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    run: async () => {
      begun = true;
      await over;
      return "done";
    },
    began: () => begun,
    end: () => {
      end();
    },
  };
}

describe("courtesy to those who wait", () => {
  let at: number;
  let pauses: { readonly until: number; readonly over: () => void }[];
  let ours: Courtesy;
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  beforeEach(() => {
    at = 0;
    pauses = [];
    ours = courtesy({
      now: () => at,
      pause: (ms) =>
        new Promise<void>((over) => {
          pauses.push({ until: at + ms, over });
        }),
    });
  });
  /** Time goes by, in steps that are shorter than any pause. */
  const pass = async (ms: number): Promise<void> => {
    const end = at + ms;
    while (at < end) {
      at = Math.min(at + 5, end);
      for (const one of pauses.splice(0)) {
        if (one.until <= at) one.over();
        else pauses.push(one);
      }
      await soon();
    }
  };
  const many = (): (() => void)[] => Array.from({ length: 20 }, () => ours.waits());
  /** So many, for so long, that it is a queue. */
  const queue = async (): Promise<() => void> => {
    const leave = many();
    await pass(100);
    return () => {
      for (const one of leave) one();
    };
  };

  it("holds up no piece while few wait, nor at once when many come: a flush of the disk may answer all of them", async () => {
    for (let n = 0; n < 3; n++) ours.waits();
    await pass(1_000);
    many();
    const [one, other] = [aPiece(), aPiece()];
    const done = [ours.giveWay(one.run), ours.giveWay(other.run)];
    expect([one.began(), other.began(), ours.isQueue()]).toEqual([true, true, false]);
    one.end();
    other.end();
    expect(await Promise.all(done)).toEqual(["done", "done"]);
  });

  it("takes three that wait for a queue where a thousand a second come, and neither where fewer come nor where nobody waits", async () => {
    const seen: boolean[] = [];
    for (const [everyMs, waitMs] of [
      [1.25, 4],
      [0.9, 4],
      [0.9, 1],
    ] as const) {
      const waiting: { readonly until: number; readonly over: () => void }[] = [];
      for (let n = 0; n < 2_000; n++) {
        waiting.push({ until: at + waitMs, over: ours.waits() });
        at += everyMs;
        while ((waiting[0]?.until ?? Infinity) <= at) waiting.shift()?.over();
      }
      seen.push(ours.isQueue());
      for (const { over } of waiting) over();
      await pass(2_000);
    }
    expect(seen).toEqual([false, true, false]);
  });

  describe("when two thousand a second come, each of whom waits for two milliseconds", () => {
    const come = (forMs: number): void => {
      const waiting: (() => void)[] = [];
      for (const end = at + forMs; at < end; at += 0.5) {
        waiting.push(ours.waits());
        if (waiting.length > 4) waiting.shift()?.();
      }
    };
    it("knows the crowd within forty milliseconds", () => {
      come(40);
      expect(ours.isQueue()).toBe(true);
    });
    it("still knows it when the process stood still and heard of nobody meanwhile", () => {
      come(1_000);
      at += 100;
      expect(ours.isQueue()).toBe(true);
    });
  });

  it("does one piece after the other while there is a queue, and rests seven times as long as each took", async () => {
    await queue();
    expect(ours.isQueue()).toBe(true);
    const [one, other] = [aPiece(), aPiece()];
    const first = ours.giveWay(one.run);
    void ours.giveWay(other.run);
    await soon();
    await pass(20);
    expect([one.began(), other.began()]).toEqual([true, false]);
    one.end();
    expect(await first).toBe("done");
    await pass(135);
    expect(other.began()).toBe(false);
    await pass(20);
    expect(other.began()).toBe(true);
  });

  it("goes on with all of them when the queue is over, however long a piece takes or took", async () => {
    const leave = await queue();
    const [one, second, third] = [aPiece(), aPiece(), aPiece()];
    void ours.giveWay(one.run);
    void ours.giveWay(second.run);
    void ours.giveWay(third.run);
    await pass(10_000);
    leave();
    leave();
    await pass(20);
    expect([second.began(), third.began()]).toEqual([false, false]);
    await pass(60);
    expect([ours.isQueue(), second.began(), third.began()]).toEqual([false, true, true]);
    const again = aPiece();
    void ours.giveWay(again.run);
    expect(again.began()).toBe(true);
  });

  it("lets no piece rest for more than half a second", async () => {
    await queue();
    const [one, other] = [aPiece(), aPiece()];
    void ours.giveWay(one.run);
    void ours.giveWay(other.run);
    await pass(1_000);
    one.end();
    await pass(490);
    expect(other.began()).toBe(false);
    await pass(30);
    expect(other.began()).toBe(true);
  });

  it("goes on behind a piece that failed, and tells whoever wanted it", async () => {
    await queue();
    const failed = ours.giveWay(() => Promise.reject(new Error("no store")));
    const next = aPiece();
    const done = ours.giveWay(next.run);
    const told = failed.catch((error: unknown) => String(error));
    await pass(50);
    next.end();
    expect([await told, await done]).toEqual(["Error: no store", "done"]);
  });
});
