import {
  type DataOf,
  dataSubjectAnswered,
  dataSubjectHolderReady,
  dataSubjectOpened,
  dataSubjectRequested,
  legalHoldLifted,
  legalHoldPlaced,
  wabaLinked,
} from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import {
  type HttpHost,
  newParcelKeys,
  openParcel,
  replyError,
  sealParcel,
  silentLog,
  startHttpHost,
} from "@greentick/runtime";
import { aTenantCreated, anEvent, serviceWorld, someTenants } from "@greentick/testing";
import { buildWebhookService } from "./index.js";
import { eraseOldBodies } from "./usecases/data-duties.js";
import { mongoRawLog } from "./adapters/mongo/raw-log.js";
import { incomingPorts } from "./rooms/incoming.js";

const secret = "an-app-secret-of-tests";
const accounts = { casa: "318274650192837", otra: "418274650192838" };
const config = {
  meta: { appSecrets: [secret], verifyToken: "verify-me-please", ownIds: ["410925736184205"] },
  stripe: { secrets: ["whsec_of_tests"] },
  rawRetentionDays: 30,
};
/** A minute after the erasures of these tests: what a person says then is her own again. */
const afterwards = Date.parse("2026-10-01T08:01:00Z") / 1_000;
const lucia = "573005550123";
const luis = "573005550199";

interface Said {
  readonly by: string;
  readonly text: string;
  /** Unix seconds. */
  readonly at?: number;
}
const change = (said: readonly Said[]): object => ({
  field: "messages",
  value: {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "576015550147", phone_number_id: "219384756102938" },
    contacts: said.map(({ by, text }) => ({ profile: { name: `Name ${text}` }, wa_id: by })),
    messages: said.map(({ by, text, at = 1_790_000_000 }) => ({
      from: by,
      id: `wamid.${text.replaceAll(" ", "")}`,
      timestamp: String(at),
      type: "text",
      text: { body: text },
    })),
  },
});
const bodyOf = (parts: Partial<Record<keyof typeof accounts, readonly Said[]>>): Buffer =>
  Buffer.from(
    JSON.stringify({
      object: "whatsapp_business_account",
      entry: Object.entries(parts).map(([name, said]) => ({
        id: accounts[name as keyof typeof accounts],
        changes: [change(said)],
      })),
    }),
  );

interface Asking {
  readonly times?: number;
  readonly sealFor?: string;
}

describe("the door's duties towards persons", () => {
  const world = serviceWorld("webhook", (outside) => buildWebhookService(config, outside));
  const answers: DataOf<typeof dataSubjectAnswered>[] = [];
  let host: HttpHost;
  let casa: Call;
  let otra: Call;

  beforeAll(async () => {
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
    await world.bus.consume({
      name: "test.answers",
      on: [
        {
          event: dataSubjectHolderReady,
          handle: (_, event) => {
            const { requestId, sealFor } = event.data as DataOf<typeof dataSubjectHolderReady>;
            return Promise.resolve(void ready.set(requestId, sealFor));
          },
        },
        {
          event: dataSubjectAnswered,
          handle: (_, event) => Promise.resolve(void answers.push(event.data as DataOf<typeof dataSubjectAnswered>)),
        },
      ],
    });
    await world.setClock("2026-10-01T08:00:00Z");
    [casa, otra] = [world.call(), world.call({ tenantId: someTenants.otra })];
    await world.given(aTenantCreated(world.call({ tenantId: someTenants.provider })));
    for (const [name, call] of [["casa", casa] as const, ["otra", otra] as const])
      await world.given(
        anEvent(call, wabaLinked, {
          wabaId: accounts[name],
          recordId: `wab_${name}`,
          metaBusinessId: "1",
          name,
          currency: "USD",
          timeZone: "America/Bogota",
          from: new Date(),
        }),
      );
  });
  afterAll(() => host.close());
  beforeEach(() => {
    answers.length = 0;
  });

  const post = async (body: Buffer): Promise<void> => {
    const headers = { "x-hub-signature-256": signBody(secret, body) };
    const sent = await fetch(`${host.url}/webhooks/meta`, { method: "POST", body: new Uint8Array(body), headers });
    expect(sent.status).toBe(200);
    await world.settle();
  };
  const ready = new Map<string, string>();
  /** As the tenant service asks: it opens, hears the holder's key, and tells who it is. */
  const request = async (duty: "export" | "erasure", call: Call, more: Asking = {}): Promise<string> => {
    const { times = 1, sealFor } = more;
    const requestId = call.newId("dataSubjectRequest");
    await world.given(anEvent(call, dataSubjectOpened, { requestId, duty }));
    const sealedPerson = sealParcel(ready.get(requestId) ?? "", `${requestId}/webhook/person`, JSON.stringify([lucia]));
    const told = { requestId, holder: "webhook" as const, duty, requestedAt: call.now(), sealedPerson };
    const asked = anEvent(call, dataSubjectRequested, { ...told, ...(sealFor !== undefined && { sealFor }) });
    for (let count = 0; count < times; count++) await world.bus.publish([asked], { again: true });
    await world.settle();
    return requestId;
  };
  const log = (): ReturnType<typeof mongoRawLog> => mongoRawLog({ ...world.outside, now: world.outside.clocks.system });
  /** All bytes that are kept, in plain text. */
  const kept = async (): Promise<string> => {
    const rows = await world.outside.database.db.collection<{ _id: string }>("raw").find().toArray();
    const bodies = await Promise.all(rows.map(({ _id }) => log().find({ system: "webhook-split" }, _id)));
    return bodies.map((body) => body?.body.toString("utf8") ?? "").join("\n");
  };

  it("hands a person's updates out, sealed for the one who asked, and only the asking tenant's", async () => {
    await post(
      bodyOf({
        casa: [
          { by: lucia, text: "canary one" },
          { by: luis, text: "luis one" },
        ],
      }),
    );
    await post(bodyOf({ casa: [{ by: lucia, text: "canary two" }], otra: [{ by: lucia, text: "elsewhere" }] }));
    const { publicKey, privateKey } = await newParcelKeys();
    const requestId = await request("export", casa, { sealFor: publicKey });
    expect(answers).toMatchObject([{ requestId, holder: "webhook", found: 2, erased: 0, kept: 2 }]);
    const json = openParcel(privateKey, `${requestId}/webhook`, answers[0]?.sealedPart ?? "");
    expect(JSON.parse(json)).toMatchObject([{ update: { text: { body: "canary one" } } }, { update: { from: lucia } }]);
    expect(json).not.toMatch(/luis one|elsewhere/);
  });

  it("erases a person from the asking tenant's updates and leaves every other word as it came", async () => {
    const before = await kept();
    expect(before).toContain("canary one");
    await request("erasure", casa);
    expect(answers).toMatchObject([
      { found: 2, erased: 2, keptBecause: expect.stringContaining("SHA-256") as unknown },
    ]);
    const after = await kept();
    expect(after).not.toMatch(/canary/);
    expect(after).toContain("luis one");
    expect(after).toContain("elsewhere");
    expect(after.match(/"timestamp"/g)).toHaveLength(before.match(/"timestamp"/g)?.length ?? 0);
  });

  it("keeps every digit of a template's id that stands beside the person in the same body", async () => {
    const template = `{"field":"template_category_update","value":{"message_template_id":90071992547409931,"new_category":"UTILITY"}}`;
    const text = bodyOf({ otra: [{ by: lucia, text: "canary digits" }] }).toString();
    await post(Buffer.from(text.replace('"changes":[', `"changes":[${template},`)));
    await request("erasure", otra);
    const after = await kept();
    expect(after).not.toContain("canary digits");
    expect(after).toContain('"message_template_id":90071992547409931,');
    await post(bodyOf({ otra: [{ by: lucia, text: "elsewhere", at: afterwards }] }));
  });

  it("tells the same when the same request is heard twice, and nothing found when it is asked again", async () => {
    await post(bodyOf({ otra: [{ by: lucia, text: "canary three", at: afterwards }] }));
    await request("erasure", otra, { times: 2 });
    expect(answers.map(({ found, erased }) => [found, erased])).toEqual([
      [2, 2],
      [2, 2],
    ]);
    answers.length = 0;
    await request("erasure", otra);
    expect(answers).toMatchObject([{ found: 0, erased: 0 }]);
    expect(await kept()).not.toMatch(/canary|elsewhere/);
  });

  it("blanks what arrives late about the time before, and keeps what the person says afterwards", async () => {
    const erasedAt = Math.floor(new Date("2026-10-01T08:00:00Z").getTime() / 1000);
    await post(bodyOf({ casa: [{ by: lucia, text: "canary late", at: erasedAt - 60 }] }));
    expect(await kept()).not.toContain("canary late");
    await post(bodyOf({ casa: [{ by: lucia, text: "hello again", at: erasedAt + 60 }] }));
    expect(await kept()).toContain("hello again");
  });

  it("erases the bytes of old bodies but not under a legal hold, and keeps their hash, so that a repeat is still known", async () => {
    const body = bodyOf({ casa: [{ by: luis, text: "long ago" }] });
    await post(body);
    const after = (days: number): Date => new Date(Date.now() + days * 86_400_000);
    const erase = (days: number): Promise<number> =>
      eraseOldBodies({ ...incomingPorts(config, world.outside).ports, now: () => after(days) }, 30)();
    expect(await erase(29)).toBe(0);
    await world.given(anEvent(casa, legalHoldPlaced, { tenantId: casa.tenantId }));
    expect(await erase(31)).toBe(3);
    expect((await kept()).includes("long ago")).toBe(true);
    await world.given(anEvent(casa, legalHoldLifted, { tenantId: casa.tenantId }));
    expect(await erase(31)).toBeGreaterThan(3);
    expect(await kept()).not.toMatch(/long ago|luis one|hello again/);
    await post(body);
    const rows = world.outside.database.db.collection("raw");
    expect(await rows.countDocuments({ body: { $exists: true } })).toBe(0);
    expect(await rows.countDocuments({ repeats: 1, erasedAt: { $exists: true } })).toBe(1);
  });

  it("tells the person, and keeps noted, what could not be erased since it does not open any more", async () => {
    const later = 60 + Math.floor(world.call().now().getTime() / 1_000);
    await post(bodyOf({ casa: [{ by: lucia, text: "gone bad", at: later }] }));
    const rows = world.outside.database.db.collection("raw");
    await rows.updateOne({ body: { $exists: true } }, { $set: { body: Buffer.alloc(60) } });
    await request("erasure", casa);
    expect(answers).toMatchObject([
      { found: 1, erased: 0, kept: 1, keptBecause: expect.stringContaining("1 of 1 could not be erased") as unknown },
    ]);
  });
});
