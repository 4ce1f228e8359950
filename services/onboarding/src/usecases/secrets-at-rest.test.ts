import { tenantErased } from "@greentick/contracts";
import { envelope } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { OnboardingWorld } from "../fixtures/onboarding-world.js";

type Db = ReturnType<OnboardingWorld["simDb"]>;

/** Every byte of every document of a database, indexes of text apart: what a copy of its files shows. */
async function bytesOf(db: Db): Promise<string> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const pages = collections.map(async ({ name }) => {
    const documents = await db.collection(name, { raw: true }).find().toArray();
    return Buffer.concat(documents as unknown as Buffer[]).toString("latin1");
  });
  return (await Promise.all(pages)).join("\n");
}

describe("secrets of clients at rest", () => {
  const w = new OnboardingWorld();
  const service = (): Db => w.world.outside.database.db;
  const bus = (): Db =>
    w.world.outside.database.connection.getClient().db(w.world.outside.database.name.replace(/_onboarding$/, "_bus"));
  const sealedTokens = async (): Promise<readonly { state: { wabaId: string; sealedToken: string } }[]> =>
    service().collection<{ state: { wabaId: string; sealedToken: string } }>("wabas").find().toArray();

  it("stand in no byte of the service's database or the bus: tokens, codes, digits, PINs", async () => {
    const signup = await w.signedUp();
    const opened = await w.opened(w.inputFor(signup));
    const digits = await w.sim.control.codeOf(opened.phoneNumberId);
    const one = await w.submitCode(opened, digits);
    await w.pass(3_600_000);
    const number = await w
      .simDb()
      .collection<{ _id: string; pin?: string }>("nodes")
      .findOne({ _id: one.phoneNumberId });
    const tokens = await w.simDb().collection<{ _id: string }>("tokens").find().toArray();
    const canaries = [signup.code, digits, number?.pin, ...tokens.map(({ _id }) => _id)];
    expect(canaries.length).toBeGreaterThan(3);
    const stored = `${await bytesOf(service())}\n${await bytesOf(bus())}`;
    expect(stored).toContain(one.id);
    for (const canary of canaries) {
      expect(canary).toMatch(/.{6}/);
      expect(stored).not.toContain(`${canary ?? ""}\0`);
    }
  });

  it("are sealed under the client's own key, in the second kind of envelope", async () => {
    const rows = await sealedTokens();
    expect(rows.length).toBeGreaterThan(0);
    for (const { state } of rows) expect(Buffer.from(state.sealedToken, "base64")[0]).toBe(2);
    expect(await service().collection<{ _id: string }>("data_keys").findOne({ _id: someTenants.casa })).not.toBeNull();
  });

  it("are gone for ever when the client is erased; work that is left ends without failing", async () => {
    await w.live();
    const before = await w.done("GET /:id");
    const erased = { tenantId: someTenants.casa, at: w.now };
    const told = envelope(
      w.owner(),
      { type: "tenant", id: someTenants.casa, version: 9 },
      { type: tenantErased.type, version: tenantErased.version, data: erased },
    );
    await w.world.given(told);
    const row = await service().collection<{ _id: string }>("data_keys").findOne({ _id: someTenants.casa });
    expect(row).not.toHaveProperty("wrapped");
    await w.pass(40 * 86_400_000);
    expect(await w.done("GET /:id")).toBe(before);
    expect(await w.world.bus.deadLetters()).toEqual([]);
    const failed = await service()
      .collection("timers")
      .countDocuments({ tries: { $gt: 0 } });
    expect(failed).toBe(0);
    const input = w.inputFor(await w.signedUp());
    const source = `mutation ($input: OpenSignupCaseInput!) { openSignupCase(input: $input) { signupCase { id } } }`;
    expect(await w.refusalOf(w.owner(), source, { input })).toMatchObject({ code: "NOT_FOUND", reason: "shredded" });
  });
});
