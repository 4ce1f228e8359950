import { type Call, visitorTenantId } from "@greentick/kernel";
import { goodPassword, otherPassword, peopleWorld, sources } from "./test-support.js";

const hourMs = 3_600_000;
const finish = `mutation ($input: FinishSignInInput!) { finishSignIn(input: $input) { signedIn { accessToken } } }`;

describe("what a flood of visitors leaves in the audit trail", () => {
  const { world, visitor, ask, must, joined, provider } = peopleWorld({ STAFF_SECOND_FACTOR: "optional" });
  /** On the hour, so that the tests know where the next one begins. */
  let now = new Date(Math.ceil(Date.now() / hourMs) * hourMs);
  const anHourLater = (): void => {
    now = new Date(now.getTime() + hourMs);
  };
  const from = (ip: string): Call => ({ ...visitor({ ip }), systemNow: () => now });
  const guess = (email: string, ip: string): ReturnType<typeof ask> =>
    ask(from(ip), sources.signIn, { email, password: otherPassword });
  /** How many refusals of each kind stand in a trail. */
  const kept = async (tenantId: string): Promise<Readonly<Record<string, number>>> => {
    await world.settle();
    const rows = await world.outside.database.db
      .collection<{ tenantId: string; facts: Readonly<Record<string, string>> }>("audit_records")
      .find({ tenantId, action: "audit.refused" })
      .toArray();
    const reasons = rows.map(({ facts }) => facts["refusal"] ?? "");
    return Object.fromEntries(
      [...new Set(reasons)].map((one) => [one, reasons.filter((other) => other === one).length]),
    );
  };

  it("is one line about a lock-out in an hour, in the trail of the tenant whose person it is about", async () => {
    const email = "target@bsp.example";
    await joined({ email, roles: ["auditor"] });
    for (let at = 0; at < 12; at++) await guess(email, "203.0.113.5");
    expect(await kept(provider())).toEqual({ wrong_credentials: 5, too_many_attempts: 1 });
    anHourLater();
    for (let at = 0; at < 6; at++) await guess(email, "203.0.113.5");
    expect(await kept(provider())).toMatchObject({ too_many_attempts: 2 });
    await must(from("198.51.100.9"), sources.signIn, { email, password: goodPassword });
  });

  it("is twenty lines of a kind from one source in an hour, where nobody knows whom it is about", async () => {
    anHourLater();
    const flood = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) await ask(from("203.0.113.6"), finish, { ticket: `guess ${at}` });
    };
    await flood(60);
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 20 });
    await ask(from("203.0.113.7"), finish, { ticket: "another source" });
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 21 });
    anHourLater();
    await flood(60);
    expect(await kept(visitorTenantId)).toEqual({ link_not_good: 41 });
  });
});
