import { type DataOf, ledgerReplayRequested, replayTold, statusReplayed } from "@greentick/contracts";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import { anEvent, someTenants } from "@greentick/testing";
import { type PackedEntry } from "./adapters/mongo/packed-entry.js";
import { BillingWorld, type Client } from "./fixtures/billing-world.js";

interface Replay {
  readonly id: string;
  readonly status: string;
  readonly same: number;
  readonly differing: number;
  readonly partlyOutside: number;
  readonly unproven: number;
  readonly totals: readonly object[];
}
interface Proposal {
  readonly id: string;
  readonly status: string;
  readonly entryIds: readonly string[];
}
const replayFields = `id status failure same differing partlyOutside unproven told { statuses }
  sums { ledgerCharge { amount } replayedCharge { amount } }
  totals { status cause count chargeDifference { currency amount } costDifference { amount } }`;
const proposalFields = `id status kind cause explanation differs reason decidedBy entryIds
  standing { id charge { amount } } proposed { charge { amount } cost { amount } priceDate rate { line } webhook { id } }`;

describe("replaying a client's webhooks into a shadow ledger", () => {
  const w = new BillingWorld("2026-11-01T10:00:00.000Z");
  const { casa, otra, provider } = someTenants;
  const began = new Date();
  let clients: readonly Client[] = [];

  beforeAll(async () => {
    clients = [await w.liveClient(casa), await w.liveClient(otra)];
    await w.open(casa, "percent: { basisPoints: 1500 }", ["Brazil"]);
    await w.open(otra, "platformFee: null");
    await w.world.bus.consume({ name: "test.door", on: [{ event: ledgerReplayRequested, handle: tellAgain }] });
    const [from, to] = [new Date("2026-11-02T00:00:00.000Z"), new Date("2026-11-09T00:00:00.000Z")];
    const wabaIds = clients.map(({ wabaId }) => wabaId);
    const traffic = await w.meta.control.startTraffic({ seed: 11, messages: 150, from, to, wabaIds });
    const end = (traffic.lastDueAt?.getTime() ?? 0) + 86_400_000;
    await w.meta.control.runTrafficUntil(traffic.id, new Date(end));
    await w.pass(new Date(end).toISOString());
  });

  /** What the door would hand on: the client's statuses as they came, and then how many they were. */
  const tellAgain = async (call: Call, { data, tenantId }: EventEnvelope): Promise<void> => {
    const { replayId } = data as DataOf<typeof ledgerReplayRequested>;
    const own = w.door.events.filter((one) => one.tenantId === tenantId);
    const { type, version } = statusReplayed;
    const again = own.map((one) => ({
      ...one,
      ...{ type, version, id: `${one.id}-${replayId}` as EventEnvelope["id"], partitionKey: replayId },
      data: { ...(one.data as object), replayId },
    }));
    const told = { replayId, bodies: w.door.bodies(), statuses: own.length, blanked: 0, held: 0, erased: 0 };
    await w.world.bus.publish([...again, { ...anEvent(call, replayTold, told), partitionKey: replayId }]);
  };

  const asks = (): Call => w.world.call({ tenantId: provider, roles: ["billing_admin"], personId: "per_asks" });
  const accepts = (): Call => w.world.call({ tenantId: provider, roles: ["billing_admin"], personId: "per_accepts" });
  const request = async (tenantId: string, call = asks()): Promise<Replay> => {
    const input = { tenantId, from: began.toISOString(), to: new Date().toISOString() };
    const { requestReplay } = await w.ask<{ requestReplay: { replay: { id: string } } }>(
      call,
      "mutation ($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }",
      { input },
    );
    await w.world.settle();
    return read(requestReplay.replay.id);
  };
  const read = async (id: string): Promise<Replay> =>
    (await w.ask<{ ledgerReplay: Replay }>(asks(), `{ ledgerReplay(id: "${id}") { ${replayFields} } }`)).ledgerReplay;
  const proposalsOf = async (id: string, filter = ""): Promise<readonly Proposal[]> =>
    (
      await w.ask<{ correctionProposals: { nodes: readonly Proposal[] } }>(
        asks(),
        `{ correctionProposals(replayId: "${id}"${filter}) { totalCount nodes { ${proposalFields} } } }`,
      )
    ).correctionProposals.nodes;
  const decide = (verb: string, replayId: string, more = ""): string =>
    `mutation { ${verb}Corrections(input: { replayId: "${replayId}", reason: "Compared with the card"${more} }) {
      decision { id verdict done booked refused outdated decidedBefore reason } } }`;

  /** An entry as it would be had the card said otherwise, in the fact and in the ledger alike. */
  const plantWrong = async (tenantId: string): Promise<string> => {
    const { db } = w.world.outside.database;
    const facts = db.collection<{ _id: string; details: string }>("facts");
    const charged = await facts.find({ tenantId, outcome: "charged" }).toArray();
    const read = charged.map(({ _id, details }) => ({
      _id,
      details: JSON.parse(details) as { entries: PackedEntry[] },
    }));
    const fact = read.find(({ details }) => details.entries.length === 1);
    const [entry] = fact?.details.entries ?? [];
    if (fact === undefined || entry === undefined) throw new Error("nothing was charged once");
    const rate = entry.service?.rate;
    const wrong = {
      ...entry,
      cost: [entry.cost[0], "1000"],
      charge: [entry.charge[0], "1150"],
      service: { ...entry.service, rate: rate && [rate[0], rate[1], "1000"] },
    };
    await facts.updateOne(
      { _id: fact._id },
      { $set: { details: JSON.stringify({ ...fact.details, entries: [wrong] }) } },
    );
    const id: string = entry.id;
    const inLedger = { "cost.amountMicros": 1_000n, "charge.amountMicros": 1_150n, "service.rate.rateMicros": 1_000n };
    await db.collection<{ _id: string }>("entries").updateOne({ _id: id }, { $set: inLedger });
    return id;
  };

  it("finds no difference in a week of traffic with repeats, late and reordered reports", async () => {
    for (const { tenantId } of clients) {
      const replay = await request(tenantId);
      expect(replay).toMatchObject({ status: "DONE", failure: null, differing: 0, partlyOutside: 0, unproven: 0 });
      expect(replay.same).toBeGreaterThan(30);
      expect(replay.totals).toEqual([]);
    }
  });

  it("finds an entry that is wrong, and once somebody else has accepted, ledger, windows and Stripe have the right total", async () => {
    const wrong = await plantWrong(casa);
    const { id } = await request(casa);
    expect(await read(id)).toMatchObject({
      status: "COMPARED",
      differing: 1,
      totals: [{ status: "PROPOSED", cause: "RATE_CHANGED", count: 1 }],
    });
    expect(await proposalsOf(id)).toMatchObject([
      { status: "PROPOSED", kind: "CHANGED", standing: { id: wrong, charge: { amount: "0.00115" } } },
    ]);
    const own = await w.try(asks(), decide("accept", id));
    expect(own.errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT", reason: "correction_needs_second_person" });
    await w.ask(accepts(), decide("accept", id));
    await w.world.settle();
    expect(await read(id)).toMatchObject({ status: "DONE", totals: [{ status: "BOOKED", count: 1 }] });
    const [proposal] = await proposalsOf(id, ", status: BOOKED");
    expect(proposal).toMatchObject({ decidedBy: "per_accepts", reason: "Compared with the card" });
    expect(proposal?.entryIds).toHaveLength(2);
    expect((await request(casa)).differing).toBe(0);
    await w.workUntil("every window is told", async () => {
      const { usage } = await w.ask<{ usage: { dirty: boolean }[] }>(
        w.as(casa),
        '{ usage(month: "2026-11") { dirty } }',
      );
      return usage.every(({ dirty }) => !dirty);
    });
    const { monthSummary, usage } = await w.ask<{
      monthSummary: { totals: { bucket: string; charge: { amount: string } }[] };
      usage: { bucket: string; sent: { amount: string } | null }[];
    }>(w.as(casa), '{ monthSummary(month: "2026-11") { totals { bucket charge { amount } } } usage(month: "2026-11") { bucket sent { amount } } }'); // prettier-ignore
    const micros = (amount: string | undefined): number => Math.round(Number(amount ?? 0) * 1_000_000);
    for (const { bucket, charge } of monthSummary.totals) {
      const told = usage.filter((one) => one.bucket === bucket).reduce((sum, one) => sum + micros(one.sent?.amount), 0);
      expect(told).toBe(micros(charge.amount));
    }
  });

  it("lets the client see why its ledger was corrected", async () => {
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { correctsId: string; reasons: object[] }[] } }>(
      w.as(casa),
      "{ ledgerEntries(filter: { kind: CORRECTION }) { nodes { correctsId reasons { rule says } } } }",
    );
    const reasons = ledgerEntries.nodes.flatMap((one) => one.reasons);
    expect(reasons).toContainEqual({ rule: "replay.accepted", says: expect.stringContaining("takes back") as string });
  });

  it("shows replays and proposals to staff alone, and another provider's as missing", async () => {
    const { id } = await request(otra);
    const owner = w.as(otra, { roles: ["owner"] });
    for (const source of [
      `{ ledgerReplay(id: "${id}") { id } }`,
      `{ correctionProposals(replayId: "${id}") { totalCount } }`,
      decide("accept", id),
      decide("refuse", id),
    ])
      expect((await w.try(owner, source)).errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    const stranger = w.world.call({ tenantId: casa, staff: true, roles: ["billing_admin"], ancestorIds: [provider] });
    expect((await w.try(stranger, `{ ledgerReplay(id: "${id}") { id } }`)).data).toMatchObject({ ledgerReplay: null });
    for (const source of [`{ correctionProposals(replayId: "${id}") { totalCount } }`, decide("accept", id)])
      expect((await w.try(stranger, source)).errors?.[0]?.extensions).toMatchObject({
        reason: "ledger_replay_not_found",
      });
    const asked = { input: { tenantId: otra, from: began.toISOString(), to: new Date().toISOString() } };
    const foreign = await w.try(stranger, "mutation ($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }", asked); // prettier-ignore
    expect(foreign.errors?.[0]?.extensions).toMatchObject({ reason: "billing_account_not_found" });
  });

  it("begins one replay for a request that is repeated under its key", async () => {
    const call = { ...asks(), idempotencyKey: "once" };
    const input = { tenantId: casa, from: began.toISOString(), to: new Date(began.getTime() + 1).toISOString() };
    const ask = async (): Promise<unknown> =>
      w.ask(call, "mutation ($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }", { input }); // prettier-ignore
    expect(await ask()).toEqual(await ask());
    await w.world.settle();
  });
});
