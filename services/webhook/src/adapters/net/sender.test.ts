import { getEventListeners } from "node:events";
import { createServer, type Socket } from "node:net";
import { type AddressInfo } from "node:net";
import { type Receiver, receiver } from "../../fixtures/receiver.js";
import { type Message } from "../../ports/outgoing.js";
import { sender, type SenderParts } from "./sender.js";

const never = new AbortController().signal;
const messageTo = (url: string, livemode = false): Message => ({
  url,
  livemode,
  body: '{"type":"template.advanced"}',
  headers: { "content-type": "application/json", "webhook-id": "evt_1" },
});

describe("sending a message", () => {
  let there: Receiver;
  const closes: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    there = await receiver();
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await there.close();
  });
  const sending = (more: Partial<SenderParts> = {}): ReturnType<typeof sender> => {
    const one = sender({
      resolve: () => Promise.resolve(["127.0.0.1"]),
      allowPrivate: true,
      systemNow: () => new Date("2026-10-01T08:00:00Z"),
      timeouts: { connectMs: 20_000, totalMs: 30_000 },
      ...more,
    });
    closes.push(one.close);
    return one;
  };
  const named = (name: string): string => there.url.replace("127.0.0.1", name);

  it("hands over the very bytes and headers, and tells status, timings and the beginning of the answer", async () => {
    there.answer = () => ({ status: 200, body: "thanks" });
    const outcome = await sending().send(messageTo(named("hooks.casa.example")), never);
    expect(outcome).toMatchObject({ statusCode: 200, response: "thanks" });
    expect(outcome).not.toHaveProperty("problem");
    expect([outcome.dnsMs, outcome.connectMs, outcome.totalMs].map((ms) => Number.isInteger(ms))).toEqual([
      true,
      true,
      true,
    ]);
    expect(there.got).toMatchObject([{ path: "/hooks", body: '{"type":"template.advanced"}' }]);
    expect(there.got[0]?.headers).toMatchObject({
      "webhook-id": "evt_1",
      host: new URL(named("hooks.casa.example")).host,
    });
  });

  it("connects to the address that was checked, even when the name leads elsewhere a moment later", async () => {
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    let asked = 0;
    const resolve = (): Promise<string[]> => Promise.resolve(answers[asked++] ?? []);
    const one = sending({ resolve });
    expect(await one.send(messageTo(named("rebinding.example")), never)).toMatchObject({ statusCode: 200 });
    expect(asked).toBe(1);
  });

  it.each([
    ["a private network", ["10.0.0.1"]],
    ["this machine", ["127.0.0.1"]],
    ["the metadata of a cloud", ["169.254.169.254"]],
    ["a public and a private address", ["8.8.8.8", "127.0.0.1"]],
    ["an IPv4 address inside IPv6", ["::ffff:127.0.0.1"]],
  ])("does not connect to %s", async (_what, addresses) => {
    const one = sending({ resolve: () => Promise.resolve(addresses), allowPrivate: false });
    const outcome = await one.send(messageTo(named("hooks.casa.example")), never);
    expect(outcome).toMatchObject({ problem: expect.stringContaining("is not called") as unknown, response: "" });
    expect(outcome).not.toHaveProperty("statusCode");
    expect(there.got).toEqual([]);
  });

  it("keeps a live business's messages from this machine whatever the deployment allows", async () => {
    const outcome = await sending().send(messageTo(there.url, true), never);
    expect(outcome.problem).toContain("this machine itself");
    expect(there.got).toEqual([]);
  });

  it("does not follow a redirect", async () => {
    there.answer = () => ({ status: 302, headers: { location: "http://169.254.169.254/latest/meta-data" } });
    const outcome = await sending().send(messageTo(there.url), never);
    expect(outcome).toMatchObject({ statusCode: 302, problem: expect.stringContaining("not followed") as unknown });
    expect(there.got).toHaveLength(1);
  });

  it("keeps a kilobyte of an answer that is much longer", async () => {
    there.answer = () => ({ status: 200, body: "x".repeat(3_000_000) });
    const outcome = await sending().send(messageTo(there.url), never);
    expect(outcome).toMatchObject({ statusCode: 200, response: "x".repeat(1_024) });
  });

  it("hears what pause a receiver asks for", async () => {
    there.answer = () => ({ status: 429, headers: { "retry-after": "120" } });
    expect(await sending().send(messageTo(there.url), never)).toMatchObject({ statusCode: 429, retryAfterMs: 120_000 });
  });

  it("says in words that nobody listens, that a name is unknown, and that a connection broke", async () => {
    const closed = await receiver();
    await closed.close();
    const unknown = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    const nameless = sending({ resolve: () => Promise.reject(unknown) });
    there.answer = () => ({});
    expect((await sending().send(messageTo(closed.url), never)).problem).toContain("Nothing listens");
    expect((await nameless.send(messageTo(named("gone.example")), never)).problem).toContain("does not resolve");
    expect((await sending().send(messageTo(there.url), never)).problem).toContain("broke the connection off");
  });

  it("leaves nothing behind on the signal of the process, which lives as long as that", async () => {
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, "addEventListener");
    const left = (): unknown[] =>
      Object.getOwnPropertySymbols(signal).flatMap((name): unknown[] => {
        const value: unknown = Reflect.get(signal, name);
        return value instanceof Set ? [...(value as Set<unknown>)] : [];
      });
    const one = sending();
    for (const url of [there.url, "http://127.0.0.1:1/"]) await one.send(messageTo(url), signal);
    expect(added).toHaveBeenCalledTimes(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(left()).toEqual([]);
  });

  describe("to receivers that never finish", () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => {
      open.add(socket);
      socket.on("error", () => undefined);
    });
    let url = "";
    beforeAll(async () => {
      await new Promise<void>((resolve) => {
        silent.listen(0, "127.0.0.1", resolve);
      });
      url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    });
    afterAll(async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });

    it("waits its time and no longer", async () => {
      const one = sending({ timeouts: { connectMs: 20_000, totalMs: 100 } });
      expect((await one.send(messageTo(url), never)).problem).toBe("The receiver did not answer within 0.1 seconds.");
    });

    it("lets go when the process ends, and says that it was not tried to the end", async () => {
      const ending = new AbortController();
      const sent = sending().send(messageTo(url), ending.signal);
      ending.abort();
      expect(await sent).toMatchObject({ problem: expect.stringContaining("sent again") as unknown });
    });
  });
});
