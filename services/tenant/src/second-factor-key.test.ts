import { tenantErased } from "@greentick/contracts";
import { type Call, type PersonId, type TenantId } from "@greentick/kernel";
import { anEvent } from "@greentick/testing";
import { codeOf, goodPassword, peopleWorld, sources } from "./test-support.js";

const enrol = `mutation ($input: OwnProofInput!) { enrolSecondFactor(input: $input) { secret } }`;
const confirm = `mutation ($input: CodeInput!) { confirmSecondFactor(input: $input) { recoveryCodes } }`;

interface KeptAccount {
  readonly _id: string;
  readonly state: { readonly secondFactor: { readonly sealed: string } };
}

describe("the secret of a second factor", () => {
  const { world, ada, visitor, ask, must, newClient, joined, invited, callOf } = peopleWorld();
  const signIn = async (email: string, more: object = {}): Promise<Record<string, unknown>> =>
    must(visitor(), sources.signIn, { email, password: goodPassword, ...more });
  /** A member of a new client, with a second factor. */
  const guarded = async (email: string): Promise<{ tenantId: TenantId; personId: PersonId; secret: string }> => {
    const tenantId = await newClient(`Client of ${email}`);
    const personId = await joined({ email, roles: ["owner"], tenantId });
    const { signedIn } = await signIn(email);
    const own: Call = callOf(signedIn as Record<string, unknown>);
    const { secret } = await must(own, enrol, { password: goodPassword });
    await must(own, confirm, { code: codeOf(String(secret), -1) });
    return { tenantId, personId, secret: String(secret) };
  };
  const accountOf = async (personId: PersonId): Promise<KeptAccount | null> =>
    world.outside.database.db.collection<KeptAccount>("accounts").findOne({ _id: personId });
  const keyOf = (personId: PersonId): Promise<Record<string, unknown> | null> =>
    world.outside.database.db.collection<{ _id: string }>("data_keys").findOne({ _id: personId });
  const erase = (tenantId: TenantId): Promise<void> =>
    world.given(
      anEvent({ ...ada(), tenantId, ancestorIds: [ada().tenantId] }, tenantErased, { tenantId, at: new Date() }),
    );
  const open = (personId: PersonId, account: KeptAccount | null): Promise<Buffer> =>
    world.outside.vault.open(
      { personId, record: personId, field: "second_factor" },
      Buffer.from(account?.state.secondFactor.sealed ?? "", "base64url"),
    );

  it("is sealed with a key of the person, and opens in that person's account alone", async () => {
    const [one, other] = [await guarded("one@casa.example"), await guarded("other@casa.example")];
    const account = await accountOf(one.personId);
    expect((await open(one.personId, account)).toString()).toBe(one.secret);
    await expect(open(other.personId, account)).rejects.toThrow("does not open");
    expect(await keyOf(one.personId)).toMatchObject({ wrapped: expect.anything() as unknown });
  });

  it("cannot be read any more once the person is erased, not even in a copy that was made before", async () => {
    const { tenantId, personId, secret } = await guarded("leaving@casa.example");
    const copy = await accountOf(personId);
    expect((await open(personId, copy)).toString()).toBe(secret);
    await erase(tenantId);
    expect(await accountOf(personId)).toBeNull();
    await expect(open(personId, copy)).rejects.toMatchObject({ code: "NOT_FOUND", reason: "shredded" });
    const tombstone = await keyOf(personId);
    expect(tombstone).toMatchObject({ shreddedAt: expect.any(Date) as Date });
    expect(tombstone).not.toHaveProperty("wrapped");
  });

  it("stays good for who works in another tenant, until the last one goes", async () => {
    const email = "travelling@casa.example";
    const { tenantId: home, personId, secret } = await guarded(email);
    const away = await newClient("Elsewhere");
    const token = await invited({ email, roles: ["developer"], tenantId: away });
    await must(visitor(), sources.accept, { token, password: goodPassword, code: codeOf(secret) });
    await erase(home);
    const copy = await accountOf(personId);
    expect(await signIn(email, { code: codeOf(secret, 1), tenantId: away })).toMatchObject({
      signedIn: { session: { tenantId: away, means: ["PASSWORD", "CODE"] } },
    });
    await erase(away);
    expect(await accountOf(personId)).toBeNull();
    expect(await world.outside.database.db.collection<{ _id: string }>("people").findOne({ _id: personId })).toBeNull();
    await expect(open(personId, copy)).rejects.toMatchObject({ reason: "shredded" });
    expect((await ask(visitor(), sources.signIn, { email, password: goodPassword })).refusal).toMatchObject({
      reason: "wrong_credentials",
    });
  });

  it("that the deployment's key had sealed before people had keys still opens", async () => {
    const email = "early@casa.example";
    const { personId, secret } = await guarded(email);
    const sealed = world.outside.sealer.seal(`${personId}/second_factor`, secret).toString("base64url");
    await world.outside.database.db
      .collection<{ _id: string }>("accounts")
      .updateOne({ _id: personId }, { $set: { "state.secondFactor.sealed": sealed } });
    expect(await signIn(email, { code: codeOf(secret) })).toMatchObject({ signedIn: { session: {} } });
  });
});
