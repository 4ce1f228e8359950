import { actFor, ask, bringLive, type LocalPlatform, postSamples, sampleClients } from "@greentick/gateway";
import { MongoClient } from "mongodb";
import { newFolder, removeFolder, startIn } from "./local.js";
import { readState } from "./state.js";

const live = new Date("2026-11-14T00:00:00Z");
const posting = new Date("2026-11-15T00:00:00Z");
/** The person in the samples: number, user id, name, and the wording under which consent is recorded. */
const person = { phone: "+573005550123", userId: "CO.30918274650917263544" };
const canaries = ["3005550123", person.userId, "Andres Rincon", "canary wording"];

interface Certified {
  readonly id: string;
  readonly status: string;
  readonly answers: readonly { readonly holder: string; readonly found: number; readonly erased: number }[];
  readonly certificate: { readonly text: string; readonly sha256: string } | null;
  readonly export: readonly { readonly holder: string; readonly json: string }[];
}
const fields = "id status answers { holder found erased } certificate { text sha256 } export { holder json }";

const services = ["tenant", "onboarding", "template", "billing", "webhook", "bus"] as const;

/** Every document of the platform as text; sealed bytes as they lie there. */
async function everything({ store }: LocalPlatform): Promise<string> {
  const mongo = await MongoClient.connect(store.uri, { useBigInt64: true });
  const texts: string[] = [];
  try {
    for (const service of services) {
      const db = mongo.db(`greentick_${service}`);
      for (const { name } of await db.listCollections().toArray())
        texts.push(JSON.stringify(await db.collection(name).find().toArray(), plain));
    }
    return texts.join("\n");
  } finally {
    await mongo.close();
  }
}
const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

describe("a person who asks a client business for erasure", () => {
  const folder = newFolder("duties");
  let platform: LocalPlatform;
  let token: string;
  let tenantId: string;
  let money: string;

  const enter = async (): Promise<void> => {
    token = await actFor(platform.target, tenantId, "A person asked for their data");
  };
  const asked = <T>(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> =>
    ask<T>(platform.target, token, document, variables);
  const request = async (verb: string): Promise<Certified> => {
    const document = `mutation Duty($input: DataSubjectInput!) { requestData${verb}(input: $input) { request { ${fields} } } }`;
    const data = await asked<Record<string, { request: Certified }>>(document, { input: { identity: person } });
    return data[`requestData${verb}`]?.request ?? (undefined as never);
  };
  const read = async (id: string): Promise<Certified> =>
    (
      await asked<{ dataSubjectRequest: Certified }>(
        `query Duty($id: ID!) { dataSubjectRequest(id: $id) { ${fields} } }`,
        { id },
      )
    ).dataSubjectRequest;
  /** Ledger, windows and facts: what money is made of. */
  const sums = async (): Promise<string> => {
    const { entries, windows, facts } = await readState(platform);
    return JSON.stringify([entries, windows, facts], plain);
  };
  /** All bytes that are kept, as the provider's operators may read them. */
  const bodies = async (): Promise<string> => {
    const { bodies: rows } = await readState(platform);
    const document = `query Body($id: ID!) { webhookUpdate(id: $id) { fragment body } }`;
    const read = rows.map(async ({ _id }) =>
      ask(platform.target, platform.target.tokens.platform_admin, document, { id: `${String(_id)}:0` }).catch(() => ""),
    );
    return JSON.stringify(await Promise.all(read));
  };

  beforeAll(async () => {
    platform = await startIn(folder, live);
    const clock = { now: live };
    const clients = [];
    for (const client of sampleClients) clients.push(await bringLive(platform.target, client, clock));
    await platform.target.moveClock(posting);
    await postSamples(platform.target, 1);
    tenantId = clients[0]?.tenantId ?? "";
    await enter();
    const record = `mutation Record($input: ConsentInputType!) { recordConsent(input: $input) { consent { id } } }`;
    const input = { identity: person, purpose: "MARKETING", source: "web-form", proofText: "canary wording" };
    await asked(record, { input });
    await platform.target.settle();
    money = await sums();
  });
  afterAll(async () => {
    await platform.close();
    removeFolder(folder);
  });

  it("stands in kept bodies before, and nowhere in plain text", async () => {
    expect((await bodies()).includes("3005550123")).toBe(true);
    const stored = await everything(platform);
    expect(canaries.filter((canary) => stored.includes(canary))).toEqual([]);
  });

  it("can have everything, gathered over the services that hold it", async () => {
    const { id } = await request("Export");
    await platform.target.settle();
    const done = await read(id);
    expect(done).toMatchObject({ status: "DONE", answers: [{}, {}] });
    const parts = Object.fromEntries(done.export.map(({ holder, json }) => [holder, json]));
    expect(parts["consent"]).toContain("canary wording");
    expect(parts["webhook"]).toContain("573005550123");
  });

  it("is erased although the platform stops in the middle, with a certificate that names nobody", async () => {
    const { id } = await request("Erasure");
    await platform.close();
    platform = await startIn(folder, live);
    await platform.target.settle();
    await enter();
    const done = await read(id);
    expect(done.status).toBe("DONE");
    const webhook = done.answers.find(({ holder }) => holder === "webhook");
    expect(webhook?.found).toBeGreaterThan(10);
    expect(webhook?.erased).toBe(webhook?.found);
    for (const canary of canaries) expect(done.certificate?.text).not.toContain(canary);
  });

  it("is found nowhere then: not in bodies, not in documents, not on the bus", async () => {
    const texts = `${await bodies()}\n${await everything(platform)}`;
    expect(canaries.filter((canary) => texts.includes(canary))).toEqual([]);
  });

  it("leaves ledger, windows and facts as they were, to the last digit", async () => {
    expect((await sums()) === money).toBe(true);
  });

  it("hears, asking again, that nothing is left", async () => {
    const { id } = await request("Erasure");
    await platform.target.settle();
    const answers = (await read(id)).answers.map(({ found, erased }) => [found, erased]);
    expect(answers).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
