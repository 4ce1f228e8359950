import { type Standing, type StandingQuestion } from "@greentick/contracts";
import { type TenantId } from "@greentick/kernel";
import { silentLog } from "@greentick/runtime";
import { type StandingParts, standings } from "./standings.js";

const start = Date.UTC(2026, 9, 1, 12);
const good: Standing = { good: true, tenantStanding: "open", permissions: ["template:read"] };
const ended: Standing = { good: false, ended: "session_ended" };
const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const person = (n: number): StandingQuestion => ({ kind: "person", tenantId, personId: `per_${n}` });

describe("asking for the standing of a credential", () => {
  let now: number;
  let asked: StandingQuestion[];
  let answer: () => Promise<Standing>;
  beforeEach(() => {
    now = start;
    asked = [];
    answer = () => Promise.resolve(good);
  });
  const asking = (more: Partial<StandingParts> = {}): ReturnType<typeof standings> =>
    standings({
      ask: (question) => {
        asked.push(question);
        return answer();
      },
      now: () => new Date(now),
      log: silentLog,
      ...more,
    });

  it("is done once in two seconds for each credential, however many requests carry it", async () => {
    const standing = asking();
    for (let ms = 0; ms < 10_000; ms += 20) {
      now = start + ms;
      await Promise.all([0, 1, 2].flatMap((n) => [standing(person(n)), standing(person(n)), standing(person(n))]));
    }
    expect(asked).toHaveLength(3 * 5);
  });

  it("lets a change be in force two seconds later", async () => {
    const standing = asking();
    await standing(person(1));
    answer = () => Promise.resolve(ended);
    now = start + 1_999;
    await expect(standing(person(1))).resolves.toEqual(good);
    now = start + 2_000;
    await expect(standing(person(1))).resolves.toEqual(ended);
  });

  it("counts the age of an answer from its question, and asks again when the clock was set back", async () => {
    const standing = asking();
    let give: (standing: Standing) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    const first = standing(person(1));
    now = start + 1_500;
    const joined = standing(person(1));
    give(good);
    await Promise.all([first, joined]);
    expect(asked).toHaveLength(1);
    answer = () => Promise.resolve(good);
    now = start + 2_000;
    await standing(person(1));
    expect(asked).toHaveLength(2);
    now = start - 60_000;
    await standing(person(1));
    expect(asked).toHaveLength(3);
  });

  it("keeps persons, sessions, grants, keys and tenants apart", async () => {
    const standing = asking();
    const other = "ten_01TRA000000000000000000000" as TenantId;
    const questions: StandingQuestion[] = [
      person(1),
      { ...person(1), tenantId: other } as StandingQuestion,
      { kind: "person", tenantId, personId: "per_1", sessionId: "ses_1" },
      { kind: "grant", tenantId, grantId: "per_1" },
      { kind: "key", hash: "h".repeat(43) },
    ];
    for (const question of [...questions, ...questions]) await standing(question);
    expect(asked).toHaveLength(questions.length);
  });

  const away = (): Promise<Standing> => Promise.reject(new Error("the tenant service is away"));
  const closed = {
    code: "PROVIDER_UNAVAILABLE",
    reason: "standing_unavailable",
    details: { retryAfterSeconds: 2 },
  };

  it("lets the last answer count while none can be had, but never for five seconds", async () => {
    const standing = asking();
    await standing(person(1));
    answer = away;
    for (const age of [2_000, 3_000, 4_499]) {
      now = start + age;
      await expect(standing(person(1))).resolves.toEqual(good);
    }
    now = start + 4_500;
    await expect(standing(person(1))).rejects.toMatchObject(closed);
    await expect(standing(person(1))).rejects.toMatchObject(closed);
    await expect(standing(person(2))).rejects.toMatchObject(closed);
    answer = () => Promise.resolve(ended);
    await expect(standing(person(1))).resolves.toEqual(ended);
  });

  it("asks once at a time for each credential: whoever comes meanwhile has the last answer, or waits for the same", async () => {
    const standing = asking({ patienceMs: 1 });
    await standing(person(1));
    let give: (standing: Standing) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    now = start + 2_000;
    await expect(Promise.all([standing(person(1)), standing(person(1))])).resolves.toEqual([good, good]);
    now = start + 4_400;
    await expect(standing(person(1))).resolves.toEqual(good);
    now = start + 4_500;
    const waiting = [standing(person(1)), standing(person(1))];
    give(ended);
    await expect(Promise.all(waiting)).resolves.toEqual([ended, ended]);
    expect(asked).toHaveLength(2);
  });

  it("does not take an answer that grew too old while a fresh one was waited for", async () => {
    const standing = asking();
    await standing(person(1));
    let fail: (error: Error) => void = () => undefined;
    answer = () => new Promise((_, reject) => (fail = reject));
    now = start + 4_000;
    const waiting = standing(person(1));
    now = start + 4_500;
    fail(new Error("the tenant service is away"));
    await expect(waiting).rejects.toMatchObject(closed);
  });

  it("closes when an answer takes too long, and the next request asks again", async () => {
    const standing = asking({ waitMs: 1 });
    answer = () => new Promise(() => undefined);
    await expect(standing(person(1))).rejects.toMatchObject({ reason: "standing_unavailable" });
    answer = () => Promise.resolve(good);
    await expect(standing(person(1))).resolves.toEqual(good);
  });

  it("remembers a bounded number of credentials", async () => {
    const standing = asking({ mostKept: 100 });
    for (let n = 0; n < 10_000; n++) await standing(person(n));
    expect(asked).toHaveLength(10_000);
    for (let n = 9_900; n < 10_000; n++) await standing(person(n));
    expect(asked).toHaveLength(10_000);
    await standing(person(9_899));
    expect(asked).toHaveLength(10_001);
  });
});
