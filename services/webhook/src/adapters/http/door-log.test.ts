import { type Log } from "@greentick/kernel";
import { metrics, silentLog } from "@greentick/runtime";
import { doorLog } from "./door-log.js";

describe("what the door turns away", () => {
  const lines: [string, Readonly<Record<string, unknown>>][] = [];
  let now = new Date("2026-11-15T12:00:00.000Z");
  const later = (seconds: number): void => {
    now = new Date(now.getTime() + seconds * 1_000);
  };
  const log: Log = {
    ...silentLog,
    warn: (fields, sentence) => void lines.push([sentence, fields]),
    error: (fields, sentence) => void lines.push([sentence, fields]),
  };
  const counted = metrics();
  const door = doorLog(counted, log, () => now);
  beforeEach(() => {
    lines.length = 0;
    later(120);
  });

  it("is counted each time, and told at most once a minute for each provider", async () => {
    for (let n = 0; n < 50; n++) door.refused("meta", "signature wrong");
    door.refused("stripe", "signature missing");
    expect(lines.map(([, { provider }]) => provider)).toEqual(["meta", "stripe"]);
    later(60);
    door.refused("meta", "signature wrong");
    expect(lines.at(-1)).toEqual(["webhook refused", { provider: "meta", why: "signature wrong", unloggedSince: 49 }]);
    expect(await counted.text()).toContain(
      'greentick_webhooks_refused_total{provider="meta",why="signature wrong"} 51',
    );
  });

  it("because it could not be kept is an error with its cause, also while refusals are being told", async () => {
    const cause = new Error("no space left on device");
    door.refused("meta", "signature wrong");
    for (let n = 0; n < 3; n++) door.unkept("meta", cause);
    expect(lines).toMatchObject([
      ["webhook refused", {}],
      [expect.stringContaining("could not be kept"), { err: cause }],
    ]);
    expect(await counted.text()).toContain('greentick_webhooks_unkept_total{provider="meta"} 3');
  });
});
