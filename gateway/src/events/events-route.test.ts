import { type FeedAnswer, type FeedQuestion } from "@greentick/contracts";
import { tokenRequired, visitorClaims } from "@greentick/graphql";
import { AppError, type Call, type Permission, type TenantId } from "@greentick/kernel";
import { type HttpHost, replyError, silentLog, startHttpHost } from "@greentick/runtime";
import { eventsRoute } from "./events-route.js";

const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const call = {
  actor: { kind: "member", id: "per_1" },
  tenantId,
  ancestorIds: [],
  livemode: false,
  permissions: new Set<Permission>(["event:read", "template:read"]),
} as unknown as Call;
const news = (...ids: string[]): FeedAnswer => ({
  ok: true,
  place: 7,
  events: ids.map((id) => ({ id, kind: "template.advanced", body: `{"id":"${id}"}` })),
});

/** What is on a line, until a word of it came. */
async function until(response: Response, word: string): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes(word)) break;
  }
  return text;
}

describe("GET /events", () => {
  let caller: () => Promise<Call | object>;
  let answers: (FeedAnswer | Promise<FeedAnswer>)[];
  let asked: FeedQuestion[];
  let host: HttpHost;
  let events: ReturnType<typeof eventsRoute>;
  const waiting = new Set<() => void>();
  beforeEach(async () => {
    caller = () => Promise.resolve(call);
    [answers, asked] = [[], []];
    events = eventsRoute({
      identify: () => caller() as Promise<Call>,
      feed: (question, gone) => {
        asked.push(question);
        const next = answers.shift() ?? (question.waitMs === 0 ? news() : undefined);
        if (next !== undefined) return Promise.resolve(next);
        return new Promise((resolve) => {
          const over = (): void => {
            resolve(news());
          };
          waiting.add(over);
          gone.addEventListener("abort", over);
        });
      },
      log: silentLog,
      limits: { perTenant: 2, all: 3 },
      times: { heartbeatMs: 20_000, recheckMs: 5 },
    });
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: [events.route], rest, log: silentLog });
  });
  afterEach(async () => {
    await events.close();
    await host.close();
  });
  const get = (path = "/events", headers: Record<string, string> = {}): Promise<Response> =>
    fetch(host.url + path, { headers });

  it("tells what happens, each event with its id, its kind and the text that a webhook carries", async () => {
    answers = [news(), news("evt_1", "evt_2")];
    const response = await get("/events?kinds=template.*,message.status");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await until(response, 'evt_2"}');
    expect(text).toContain('id: evt_1\nevent: template.advanced\ndata: {"id":"evt_1"}\n\n');
    expect(asked[0]).toEqual({
      tenantId,
      ancestorIds: [],
      livemode: false,
      permissions: ["event:read", "template:read"],
      kinds: ["template.*", "message.status"],
      waitMs: 0,
    });
    expect(asked[1]).toMatchObject({ afterPlace: 7, waitMs: 20_000 });
  });

  it("goes on behind the last event that the listener has seen", async () => {
    answers = [news("evt_9")];
    await until(await get("/events", { "last-event-id": "evt_8" }), "evt_9");
    expect(asked[0]).toMatchObject({ afterId: "evt_8" });
    answers = [news("evt_9")];
    await until(await get("/events?lastEventId=evt_7"), "evt_9");
    expect(asked.find(({ afterId }) => afterId === "evt_7")).toBeDefined();
  });

  it("says that it is alive when there is nothing to tell", async () => {
    answers = [news(), news()];
    expect(await until(await get(), ": alive")).toContain("retry: 3000");
  });

  it("answers 410 when too much was missed, and 400 for kinds that are none", async () => {
    answers = [{ ok: false, refused: "too_old", message: "Too old." }];
    expect((await get()).status).toBe(410);
    answers = [{ ok: false, refused: "unknown_kind", message: "No such kind." }];
    expect((await get()).status).toBe(400);
  });

  it("is for whoever may read events, and nobody else", async () => {
    caller = () => Promise.reject(tokenRequired());
    expect((await get()).status).toBe(401);
    caller = () => Promise.resolve({ ...visitorClaims, permissions: new Set() });
    expect((await get()).status).toBe(401);
    caller = () => Promise.resolve({ ...call, permissions: new Set() });
    expect((await get()).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it("ends with a reason when the credential is good no more", async () => {
    answers = [news("evt_1")];
    const response = await get();
    caller = () => Promise.reject(new AppError("UNAUTHENTICATED", "api_key_revoked", "Revoked."));
    expect(await until(response, "event: end")).toContain("evt_1");
    expect(asked.length).toBeGreaterThan(0);
  });

  it("ends what is open when the process stops", async () => {
    answers = [news("evt_1")];
    const response = await get();
    await events.close();
    expect(await response.text()).toContain("server_stopping");
  });

  it("keeps a few lines for each business, and looks nothing up for one too many", async () => {
    const open = [await get(), await get()];
    const before = asked.filter(({ waitMs }) => waitMs === 0).length;
    const third = await get();
    expect(asked.filter(({ waitMs }) => waitMs === 0)).toHaveLength(before);
    expect(third.status).toBe(429);
    expect(third.headers.get("retry-after")).toBe("30");
    for (const one of open) await one.body?.cancel();
  });

  it("answers HEAD without a line", async () => {
    answers = [news()];
    const response = await fetch(`${host.url}/events`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
