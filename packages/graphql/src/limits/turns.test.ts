import fc from "fast-check";
import { RateLimitedError } from "./charge.js";
import { type EndTurn, turns } from "./turns.js";

const rules = { atOnce: 4, ofOne: 3, waiting: 5 };
const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("turns of tenants", () => {
  it("begin at once while there is room", async () => {
    const { take, running } = turns(rules);
    await Promise.all([take("a"), take("a"), take("b")]);
    expect(running()).toBe(3);
  });

  it("leave a place that one tenant alone never takes", async () => {
    const { take, running, waiting } = turns(rules);
    for (let at = 0; at < 5; at++) void take("loud");
    await moment();
    expect([running(), waiting()]).toEqual([3, 2]);
    await take("quiet");
    expect(running()).toBe(4);
  });

  it("serve who was served longest ago, not who asks most", async () => {
    const { take } = turns(rules);
    const ends: EndTurn[] = [];
    for (let at = 0; at < 3; at++) ends.push(await take("loud"));
    ends.push(await take("other"));
    const served: string[] = [];
    for (const who of ["loud", "loud", "loud", "quiet", "other", "quiet"]) void take(who).then(() => served.push(who));
    for (const end of ends) end();
    await moment();
    expect(served).toEqual(["loud", "other", "quiet", "loud"]);
  });

  it("refuse what would wait behind too many of the same tenant, and take others", async () => {
    const { take, waiting } = turns(rules);
    for (let at = 0; at < 8; at++) void take("loud");
    await expect(take("loud")).rejects.toThrow(RateLimitedError);
    await expect(take("loud")).rejects.toMatchObject({ headers: { "retry-after": "1" }, details: { of: "tenant" } });
    expect(waiting()).toBe(5);
    expect(typeof (await take("quiet"))).toBe("function");
  });

  it("end once, however often they are ended", async () => {
    const { take, running } = turns(rules);
    const [one] = [await take("a"), await take("a")];
    one();
    one();
    expect(running()).toBe(1);
  });

  it("serve everybody in the end, never more at once than allowed, and forget who has gone", async () => {
    const asked = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(asked, fc.infiniteStream(fc.nat()), async (tenants, picks) => {
        const { take, running, waiting } = turns({ ...rules, waiting: 100 });
        const open: { readonly who: string; readonly end: EndTurn }[] = [];
        let served = 0;
        for (const who of tenants)
          void take(who).then((end) => {
            served += 1;
            open.push({ who, end });
          });
        await Promise.resolve();
        for (let step = tenants.length; step > 0; step -= 1) {
          await moment();
          expect(running()).toBeLessThanOrEqual(rules.atOnce);
          for (const who of tenants)
            expect(open.filter((one) => one.who === who).length).toBeLessThanOrEqual(rules.ofOne);
          const pick: unknown = picks.next().value;
          open.splice(Number(pick) % open.length, 1)[0]?.end();
        }
        expect([served, running(), waiting()]).toEqual([tenants.length, 0, 0]);
      }),
      { numRuns: 50 },
    );
  });
});
