import { createLog, silentLog } from "./log.js";

function capture(): {
  readonly log: ReturnType<typeof createLog>;
  readonly text: () => string;
  readonly last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const log = createLog({ level: "debug", name: "test", to: { write: (line: string) => void lines.push(line) } });
  return { log, text: () => lines.join(""), last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown> };
}

const canary = "c4n4ry-s3cret";
const words = [
  "authorization",
  "token",
  "accessToken",
  "refreshToken",
  "pin",
  "secret",
  "appSecret",
  "password",
  "apiKey",
  "cookie",
  "masterKey",
  "signingSecret",
  "headers",
];

describe("the log", () => {
  it("writes one JSON line: facts first, then the sentence", () => {
    const { log, last } = capture();
    log.info({ invoiceId: "inv_1", durationMs: 12 }, "invoice issued");
    expect(last()).toMatchObject({
      level: 30,
      name: "test",
      invoiceId: "inv_1",
      durationMs: 12,
      msg: "invoice issued",
    });
  });

  it("carries what a call knows on every line of its child", () => {
    const { log, last } = capture();
    log.child({ requestId: "req_1" }).child({ tenantId: "ten_1" }).warn({ n: 1 }, "slow");
    expect(last()).toMatchObject({ requestId: "req_1", tenantId: "ten_1", n: 1, level: 40 });
  });

  it.each(words)("never shows %s, at the top, in an object, in a child or in an error", (word) => {
    const { log, text } = capture();
    log.info({ [word]: canary }, "top");
    log.info({ request: { [word]: canary } }, "inside");
    log.info({ request: { inner: { [word]: canary } } }, "deeper");
    log.child({ [word]: canary }).info({}, "child");
    log.error({ err: Object.assign(new Error("failed"), { [word]: canary }) }, "error");
    log.error({ err: Object.assign(new Error("failed"), { request: { [word]: canary } }) }, "error with a request");
    expect(text()).not.toContain(canary);
    expect(text()).toContain("[redacted]");
  });

  it("never shows an API key, wherever in a text it stands", () => {
    const { log, text } = capture();
    const key = `gtk_live_${"4cN".repeat(16)}x`;
    log.info({ note: `sent with ${key}!`, list: [key] }, "noted");
    log.error({ err: new Error(`no such key: ${key}`, { cause: new Error(key) }) }, "failed");
    expect(text()).not.toContain(key.slice(9, 24));
    expect(text()).toContain("sent with [redacted]!");
  });

  it("keeps the body and the signature of a failed check out: Stripe's error carries both", () => {
    const { log, text, last } = capture();
    const failed = Object.assign(new Error("No signatures found"), {
      payload: canary,
      header: canary,
      raw: { headers: canary },
    });
    log.warn({ err: failed }, "webhook refused");
    expect(text()).not.toContain(canary);
    expect(last()["err"]).toMatchObject({ type: "Error", message: "No signatures found" });
  });

  it("shows of an error its type, message, code and cause", () => {
    const { log, last } = capture();
    const failed = Object.assign(new Error("outer", { cause: new Error("inner") }), { code: "ECONNRESET" });
    log.error({ err: failed }, "failed");
    expect(last()["err"]).toMatchObject({ code: "ECONNRESET" });
    expect(JSON.stringify(last()["err"])).toContain("inner");
  });

  it("writes amounts as digits, bytes as their length, and survives what points at itself", () => {
    const { log, last } = capture();
    const round: Record<string, unknown> = { at: new Date("2026-10-01T00:00:00Z") };
    round["self"] = round;
    round["list"] = [[round]];
    log.info({ micros: 2n ** 62n, body: Buffer.from("hello"), round }, "odd");
    expect(last()).toMatchObject({ micros: "4611686018427387904", body: "[5 bytes]" });
    expect(last()["round"]).toMatchObject({ at: "2026-10-01T00:00:00.000Z" });
  });

  it("drops what is below its level", () => {
    const lines: string[] = [];
    const log = createLog({ level: "warn", name: "test", to: { write: (line: string) => void lines.push(line) } });
    log.debug({}, "no");
    log.info({}, "no");
    log.warn({}, "yes");
    expect(lines).toHaveLength(1);
  });

  it("can be silent", () => {
    expect(() => {
      silentLog.child({}).error({ err: new Error("x") }, "nobody hears");
    }).not.toThrow();
  });
});
