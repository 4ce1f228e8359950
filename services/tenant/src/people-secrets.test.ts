import { createLog } from "@greentick/runtime";
import { adaEmail, codeOf, goodPassword, otherPassword, peopleWorld, sources } from "./test-support.js";

const lines: string[] = [];
const log = createLog({ level: "debug", name: "tenant", to: { write: (line: string) => void lines.push(line) } });

const begin = `mutation ($input: EnrolmentTicketInput!) { beginSecondFactor(input: $input) { secret uri } }`;
const complete = `mutation ($input: CompleteSecondFactorInput!) { completeSecondFactor(input: $input) { recoveryCodes signedIn { accessToken refreshToken } } }`;
const requestReset = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { done } }`;

describe("what proves who somebody is", () => {
  const { world, ask, must, visitor, invited, mailedToken } = peopleWorld({}, log);
  const canaries: Record<string, string> = {};

  /** Every document of the service's database and of the bus. */
  const everythingKept = async (): Promise<string> => {
    const { db } = world.outside.database;
    const bus = db.client.db(db.databaseName.replace(/people$/, "bus"));
    const kept: string[] = [];
    for (const database of [db, bus])
      for (const { name } of await database.listCollections().toArray())
        for (const row of await database.collection(name).find().toArray()) kept.push(JSON.stringify(row));
    return kept.join("\n");
  };

  beforeAll(async () => {
    const email = "canary@bsp.example";
    const invitation = await invited({ email, roles: ["auditor"] });
    await must(visitor(), sources.accept, { token: invitation, password: goodPassword });
    const first = await must(visitor(), sources.signIn, { email, password: goodPassword });
    const ticket = String(first["enrolmentTicket"]);
    const { secret } = await must(visitor(), begin, { ticket });
    const code = codeOf(String(secret));
    const entered = await must(visitor(), complete, { ticket, code });
    const { accessToken, refreshToken } = entered["signedIn"] as Record<string, string>;
    const [recovery = "", spare = ""] = entered["recoveryCodes"] as string[];
    const again = await must(visitor(), sources.signIn, { email, password: goodPassword, code: recovery });
    await ask(visitor(), sources.signIn, { email, password: otherPassword, code: "000000" });
    await ask(visitor(), sources.refresh, { refreshToken });
    await ask(visitor(), sources.refresh, { refreshToken });
    await must(visitor(), requestReset, { email });
    await must(visitor(), requestReset, { email: adaEmail });
    await world.settle();
    Object.assign(canaries, {
      ...{ password: goodPassword, wrongPassword: otherPassword, invitation, ticket, secret: String(secret) },
      ...{ recovery, spare, plainRecovery: spare.replaceAll("-", "") },
      ...{ accessToken: accessToken ?? "", refreshToken: refreshToken ?? "" },
      ...{ deviceToken: String(again["deviceToken"]), reset: mailedToken(email), otherReset: mailedToken(adaEmail) },
    });
  });

  it("stands in plain neither in the database nor on the bus", async () => {
    const kept = await everythingKept();
    expect(kept).toContain("$argon2id$");
    expect(kept.length).toBeGreaterThan(10_000);
    for (const [name, canary] of Object.entries(canaries)) {
      expect({ name, long: canary.length > 8 }).toEqual({ name, long: true });
      expect({ name, found: kept.includes(canary) }).toEqual({ name, found: false });
    }
  });

  it("stands in no line of the log", () => {
    const said = lines.join("\n");
    expect(said).toContain("person signed in");
    for (const [name, canary] of Object.entries(canaries))
      expect({ name, found: said.includes(canary) }).toEqual({ name, found: false });
    expect(said).not.toContain("$argon2id$");
    expect(said).not.toContain("#token=");
  });

  it("has no field in the API but in the answers that hand it out once", () => {
    const { sdl } = world.service.schema;
    const outputs = sdl
      .split(/\n(?=(?:type|input|enum|scalar|extend|interface|union|"""))/)
      .filter((part) => part.includes("type "));
    const handed =
      /^type (SignedIn|SignInPayload|ResetPasswordPayload|EnrolmentPayload|RecoveryCodesPayload|CompleteSecondFactorPayload|ActForPayload)\b/m;
    const secretField =
      /^ {2}(password|passwordHash|secret|accessToken|refreshToken|deviceToken|token|recoveryCodes|nonce|sealed|totp\w*)(\(|:)/m;
    const showing = outputs
      .filter((part) => secretField.test(part) && !handed.test(part))
      .map((part) => /type (\w+)/.exec(part)?.[1]);
    expect(showing.filter((name) => name?.includes("ApiKey") === false)).toEqual([]);
  });
});
