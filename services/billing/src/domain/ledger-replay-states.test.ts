import { type TenantId } from "@greentick/kernel";
import { addSums, afterPage, comparedAll, decidedAll, failed, isListening, type LedgerReplay, replaying, type ReplaySum, requestReplayOf, toldAll } from "./ledger-replay.js"; // prettier-ignore

const asked = {
  ...{ id: "rpl_1", tenantId: "ten_1" as TenantId, ancestorIds: [], livemode: false },
  ...{ requestedBy: "per_1", requestedAt: new Date("2026-11-09T00:00:00Z") },
};
const [from, until] = [new Date("2026-11-01T00:00:00Z"), new Date("2026-11-08T00:00:00Z")];
const now = new Date("2026-11-09T00:00:00Z");
const requested = requestReplayOf(asked, { from, until }, now);
const told = { bodies: 1, statuses: 3, blanked: 0, held: 0, erased: 0 };

describe("the request of a replay", () => {
  it("is of one range, and nothing was compared yet", () => {
    const counts = { same: 0, differing: 0, partlyOutside: 0, unproven: 0 };
    const nothing = { counts, sums: [], notCompared: [] };
    expect(requested).toStrictEqual({ ...asked, version: 0, from, until, status: "requested", ...nothing });
  });
  it("is of a range that has a length and is over, up to this very instant", () => {
    const ask = (range: { from: Date; until: Date }) => () => requestReplayOf(asked, range, now);
    expect(ask({ from, until: from })).toThrow("to: has to be later than from");
    expect(ask({ from: until, until: from })).toThrow("to: has to be later than from");
    expect(ask({ from, until: new Date(now.getTime() + 1) })).toThrow("to: has to be past: webhooks are still being received until then"); // prettier-ignore
    expect(ask({ from, until: now })).not.toThrow();
  });
});

describe("the states of a replay", () => {
  const comparing = toldAll(replaying(requested), told, { arrived: 3, now });
  it("are requested, replaying, comparing, compared and done", () => {
    expect(replaying(requested)).toStrictEqual({ ...requested, status: "replaying" });
    expect(comparing).toStrictEqual({ ...requested, told, status: "comparing", cursor: { of: "shadow" } });
    const compared = comparedAll({ ...comparing, counts: { ...comparing.counts, differing: 1 } }, now);
    expect(decidedAll(compared)).toStrictEqual({ ...compared, status: "done" });
  });
  it("expect statuses until all was said", () => {
    const listening = [requested, replaying(requested), comparing, failed(requested, "", now)].map(isListening);
    expect(listening).toEqual([true, true, false, false]);
  });
  it("end in failure with the reason when less arrived than was said", () => {
    const failure =
      "Of 3 statuses that the door handed on, 2 arrived. See the dead letters of billing.replay, then ask for the replay again.";
    const short = toldAll(requested, told, { arrived: 2, now });
    expect(short).toStrictEqual({ ...requested, told, status: "failed", failure, finishedAt: now });
  });
});

describe("the figures of a replay", () => {
  const sum = (costCurrency: string, chargeCurrency: string, by = 1n): ReplaySum => ({
    ...{ costCurrency, chargeCurrency, ledgerCostMicros: by, shadowCostMicros: 2n * by },
    ...{ ledgerChargeMicros: 3n * by, shadowChargeMicros: 4n * by },
  });
  it("grow with each page, and the place moves on with them", () => {
    const counts = { same: 1, differing: 2, partlyOutside: 3, unproven: 4 };
    const notCompared = [{ factId: "f1", because: "unproven" } as const];
    const page = { counts, sums: [sum("USD", "COP")], notCompared };
    const once = afterPage(requested, page, { of: "shadow", after: "f1" });
    const twice: LedgerReplay = afterPage(once, page, { of: "ledger" });
    expect(once).toStrictEqual({ ...requested, ...page, cursor: { of: "shadow", after: "f1" } });
    expect(twice).toMatchObject({
      ...{ cursor: { of: "ledger" }, counts: { same: 2, differing: 4, partlyOutside: 6, unproven: 8 } },
      ...{ sums: [sum("USD", "COP", 2n)], notCompared: [...notCompared, ...notCompared] },
    });
  });
  it("are one sum for each pair of currencies", () => {
    const sums = [sum("USD", "COP"), sum("USD", "USD"), sum("COP", "USD"), sum("USD", "COP", 10n)];
    expect(addSums(sums)).toEqual([sum("USD", "COP", 11n), sum("USD", "USD"), sum("COP", "USD")]);
  });
});
