import { createHash } from "node:crypto";
import { request } from "node:http";
import { signBody } from "@greentick/meta";
import { type EventEnvelope } from "@greentick/kernel";
import { eventCatalogue } from "@greentick/contracts";
import { someTenants } from "@greentick/testing";
import { bodyOf, bodyOfAccounts, casaWaba, deliveries } from "./fixtures/door.js";
import { appSecret, doorWorld, otraWaba } from "./fixtures/door-world.js";

const template = (id: string): string =>
  `{"object":"whatsapp_business_account","entry":[{"id":"${casaWaba}","time":1739321024,"changes":[{"field":"message_template_status_update","value":{"event":"APPROVED","message_template_id":${id},"message_template_name":"a","message_template_language":"es","reason":null}}]}]}`;
const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

describe("what comes through the door", () => {
  const door = doorWorld("doorinput");
  const { world, post } = door;
  const seen: EventEnvelope[] = [];
  beforeAll(async () => {
    const events = eventCatalogue.filter((one) => ["status", "message", "report"].includes(one.stream));
    const handle = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void seen.push(...some));
    await world.bus.consume({ name: "test.input", on: [], batch: { events, handle, batchSize: 500 } });
  });
  beforeEach(() => {
    seen.length = 0;
  });
  const raw = () => world.outside.database.db.collection<{ _id: string; repeats: number }>("raw");
  const sign = (body: Buffer): string => signBody(appSecret, body);
  const held = async (): Promise<readonly string[]> => {
    const { data } = await door.query<{ webhookDoor: { quarantined: { nodes: { id: string; reason: string }[] } } }>(
      "{ webhookDoor { quarantined(first: 100) { nodes { id reason } } } }",
    );
    return (data?.webhookDoor.quarantined.nodes ?? []).map(({ id, reason }) => `${id} ${reason}`);
  };

  describe("is signed over the bytes as they came", () => {
    const body = bodyOf(casaWaba, deliveries(["wamid.signed"]));
    it.each([
      ["none at all", {}],
      ["one of the old kind only", { "x-hub-signature": sign(body).replace("sha256=", "sha1=") }],
      ["one without its prefix", { "x-hub-signature-256": sign(body).slice("sha256=".length) }],
      ["one whose prefix is in capitals", { "x-hub-signature-256": sign(body).replace("sha256", "SHA256") }],
      ["a short one", { "x-hub-signature-256": sign(body).slice(0, -2) }],
      ["a long one", { "x-hub-signature-256": `${sign(body)}ab` }],
      ["two of them", { "x-hub-signature-256": `${sign(body)}, ${sign(body)}` }],
      ["one by another secret", { "x-hub-signature-256": signBody("another-secret", body) }],
      ["one over the same JSON written anew", { "x-hub-signature-256": sign(Buffer.from(`${body.toString()} `)) }],
      ["one over literal letters where the body escapes them", { "x-hub-signature-256": sign(Buffer.from('"é"')) }],
    ])("and refused with %s", async (_, headers) => {
      const before = await raw().countDocuments();
      expect((await post(body, headers as unknown as Record<string, string>)).status).toBe(401);
      expect(await raw().countDocuments()).toBe(before);
    });

    it.each([
      [
        "with capital digits",
        (text: string) => text,
        (signature: string) => `sha256=${signature.slice(7).toUpperCase()}`,
      ],
      ["with a line's end behind it", (text: string) => `${text}\n`, (signature: string) => signature],
      [
        "with escaped letters and slashes",
        (text: string) => text.replace("wamid.", "wamid.\\u00e9\\/"),
        (signature: string) => signature,
      ],
    ])("and taken %s", async (_, change, spell) => {
      const bytes = Buffer.from(change(body.toString()));
      expect((await post(bytes, { "x-hub-signature-256": spell(sign(bytes)) })).status).toBe(200);
    });

    it("also when nobody says how long it is", async () => {
      const bytes = bodyOf(casaWaba, deliveries(["wamid.chunked"]));
      const status = await new Promise((resolve, reject) => {
        const headers = { "x-hub-signature-256": sign(bytes), "transfer-encoding": "chunked" };
        const asking = request(`${door.host().url}/webhooks/meta`, { method: "POST", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asking.on("error", reject);
        asking.write(bytes.subarray(0, 100));
        asking.end(bytes.subarray(100));
      });
      expect(status).toBe(200);
      expect(await raw().countDocuments({ _id: sha256(bytes) })).toBe(1);
    });

    it("and empty it is refused unsigned, and held as unreadable signed", async () => {
      const empty = Buffer.alloc(0);
      expect((await post(empty, {})).status).toBe(401);
      expect((await post(empty)).status).toBe(200);
      await world.settle();
      expect(await held()).toContain(`${sha256(empty)}:0 unreadable`);
    });
  });

  it.each([
    ["hub.mode=subscribe&hub.verify_token=verify-me-please&hub.challenge=1158201444", 200, "1158201444"],
    ["hub.mode=subscribe&hub.verify_token=verify-me-please", 200, ""],
    ["hub.mode=subscribe&hub.verify_token=verify-me-pleasE&hub.challenge=1", 403, undefined],
    ["hub.mode=subscribe&hub.challenge=1", 403, undefined],
    ["hub.mode=unsubscribe&hub.verify_token=verify-me-please&hub.challenge=1", 403, undefined],
    ["", 403, undefined],
  ])("shakes hands with whoever knows the token: %s", async (asked, status, text) => {
    const answer = await fetch(`${door.host().url}/webhooks/meta?${asked}`);
    expect(answer.status).toBe(status);
    const said = await answer.text();
    expect(text === undefined || said === text).toBe(true);
  });

  it("has 3 MB at most", async () => {
    const small = bodyOf(casaWaba, deliveries(["wamid.three"]));
    const padded = (size: number): Buffer => Buffer.concat([small, Buffer.alloc(size - small.length, 32)]);
    expect((await post(padded(3_000_001))).status).toBe(413);
    expect((await post(padded(3_000_000))).status).toBe(200);
    await world.settle();
    expect(seen).toHaveLength(1);
  });

  const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  it.each([
    [
      "a thousand statuses",
      bodyOf(casaWaba, deliveries(Array.from({ length: 1_000 }, (_, n) => `wamid.k${n}`))),
      1_000,
    ],
    ["no status at all", bodyOf(casaWaba, { metadata: { phone_number_id: "1" }, statuses: [] }), 1],
    ["a field that nobody knows", bodyOf(casaWaba, { any: "thing" }, "brand_new_field"), 1],
    [
      "a bad status among a hundred",
      bodyOf(casaWaba, {
        statuses: [
          ...Array.from({ length: 99 }, (_, n) => ({ id: `wamid.g${n}`, status: "read", timestamp: "1" })),
          { id: 5, status: [] },
        ],
      }),
      100,
    ],
    [
      "a number where a text belongs",
      bodyOf(casaWaba, { statuses: [{ id: 12, status: "sent", timestamp: 1791000000 }] }),
      1,
    ],
    ["1e309", Buffer.from(`{"entry":[{"id":"${casaWaba}","changes":[{"field":"x","value":{"n":1e309}}]}]}`), 1],
    [
      "a repeated key, of which the last counts",
      Buffer.from(`{"entry":[],"entry":[{"id":"${casaWaba}","changes":[{"field":"x","value":{}}]}]}`),
      1,
    ],
    [
      "__proto__ as a key",
      Buffer.from(
        `{"entry":[{"id":"${casaWaba}","changes":[{"field":"x","value":{"__proto__":{"statuses":[1]},"constructor":{"prototype":{}}}}]}]}`,
      ),
      1,
    ],
    [
      "a field beside its changes, as an example of Meta's has it",
      Buffer.from(
        `{"entry":[{"id":"${casaWaba}","field":"account_update","changes":[{"value":{"event":"ACCOUNT_DELETED"}}]}]}`,
      ),
      1,
    ],
  ])("may hold %s, and each update travels", async (_, body, updates) => {
    expect((await post(body)).status).toBe(200);
    await world.settle();
    expect(new Set(seen.map(({ id }) => id)).size).toBe(updates);
    expect(({} as Record<string, unknown>)["statuses"]).toBeUndefined();
  });

  it.each([
    ["nested 100,000 deep", Buffer.from(deep(100_000))],
    ["cut in the middle", bodyOf(casaWaba, deliveries(["wamid.cut"])).subarray(0, 90)],
    ["no UTF-8", Buffer.concat([Buffer.from('{"entry":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
    ["with a mark of byte order before it", Buffer.from(`\ufeff{"entry":[]}`)],
  ])("that is %s is acknowledged, held, and in nobody's way", async (_, body) => {
    expect((await post(body)).status).toBe(200);
    const behind = bodyOf(casaWaba, deliveries([`wamid.behind.${body.length}`]));
    expect((await post(behind)).status).toBe(200);
    await world.settle();
    expect(await held()).toContain(`${sha256(body)}:0 unreadable`);
    expect(seen.map(({ source }) => source?.sha256)).toEqual([sha256(behind)]);
  });

  it.each(["90071992547409931", "12345678901234567890123456789012", '"90071992547409932"'])(
    "keeps every digit of the template id %s",
    async (id) => {
      expect((await post(Buffer.from(template(id)))).status).toBe(200);
      await world.settle();
      expect(seen).toMatchObject([{ type: "report.template", data: { metaTemplateId: id.replaceAll('"', "") } }]);
    },
  );

  it("goes to each tenant whose account it names, and shows none of them the others", async () => {
    const body = bodyOfAccounts({
      [casaWaba]: [{ value: deliveries(["wamid.mine"]) }],
      [otraWaba]: [{ value: deliveries(["wamid.theirs", "wamid.theirs.too"], "530918273645102") }],
    });
    expect((await post(body)).status).toBe(200);
    await world.settle();
    expect(seen.map(({ tenantId, partitionKey }) => [tenantId, partitionKey])).toEqual(
      expect.arrayContaining([
        [someTenants.casa, "219384756102938"],
        [someTenants.otra, "530918273645102"],
      ]),
    );
    const { data } = await door.query<{ webhookUpdate: { fragment: string } }>(
      `{ webhookUpdate(id: "${sha256(body)}:0") { fragment body } }`,
      world.call(),
    );
    expect(data?.webhookUpdate.fragment).not.toContain("theirs");
  });

  describe("and was captured by somebody", () => {
    const body = bodyOf(casaWaba, deliveries(["wamid.captured"]));
    beforeAll(async () => {
      await post(body);
      await world.settle();
    });
    const repeats = async (): Promise<number> => (await raw().findOne({ _id: sha256(body) }))?.repeats ?? -1;

    it.each([
      ["with another content type", { "content-type": "text/plain" }],
      ["as gzip, which it is not", { "content-encoding": "gzip" }],
    ])("is known when it comes again %s", async (_, headers) => {
      const before = await repeats();
      expect((await post(body, { "x-hub-signature-256": sign(body), ...headers })).status).toBe(200);
      await world.settle();
      expect(await repeats()).toBe(before + 1);
      expect(seen).toEqual([]);
    });

    it("is known for ever: also when its bytes were erased long ago", async () => {
      await raw().updateOne({ _id: sha256(body) }, { $unset: { body: 1 }, $set: { erasedAt: new Date() } });
      const before = await repeats();
      expect((await post(body)).status).toBe(200);
      await world.settle();
      expect([await repeats(), seen.length]).toEqual([before + 1, 0]);
    });

    it("leads nowhere on another path", async () => {
      const headers = { "x-hub-signature-256": sign(body) };
      const sent = { method: "POST", body: new Uint8Array(body), headers };
      expect((await fetch(`${door.host().url}/webhooks/meta/ten_other`, sent)).status).toBe(404);
      expect((await fetch(`${door.host().url}/webhooks/stripe`, sent)).status).toBe(401);
    });
  });

  it("is counted and shown where no service reads it yet", async () => {
    const body = bodyOf(casaWaba, { tracking: { id: 1 } }, "tracking_events");
    await post(body);
    await world.settle();
    const { data } = await door.query<{
      webhookDoor: { unknownKinds: object[]; unknownUpdates: { totalCount: number; nodes: object[] } };
    }>(
      '{ webhookDoor { unknownKinds { field kind updates } unknownUpdates(field: "tracking_events") { totalCount nodes { id tenantId kind } } } }',
    );
    expect(data?.webhookDoor.unknownKinds).toContainEqual({ field: "tracking_events", kind: "unknown", updates: 1 });
    expect(data?.webhookDoor.unknownUpdates).toEqual({
      totalCount: 1,
      nodes: [{ id: `${sha256(body)}:0`, tenantId: someTenants.casa, kind: "unknown" }],
    });
  });
});
