import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Call } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";

const folder = join(__dirname, "..", "..", "rate-cards");
const october = readFileSync(join(folder, "usd-2026-10-01.csv"), "utf8");
const metaHeader = "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service";

interface Card {
  readonly id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}
interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The shipped card of October from another day on, with a marketing price for Brazil. */
const followUp = (effectiveFrom: string, brazil = "0.0700"): string =>
  october
    .replaceAll("2026-10-01,,", `${effectiveFrom},,`)
    .replace("Brazil,marketing,0,,0.0625", `Brazil,marketing,0,,${brazil}`);

describe("a rate card from import to release", () => {
  const w = new BillingWorld("2026-11-10T12:00:00.000Z");
  const { casa, provider } = someTenants;
  const as = (personId: string): Call => w.world.call({ tenantId: provider, personId });
  const importer = (): Call => as("per_01MPRTER000000000000000000");
  const releaser = (): Call => as("per_01RELEASER0000000000000000");
  let client: Client | undefined;
  const live = (): Client => {
    if (client === undefined) throw new Error("the client is live before the first test");
    return client;
  };
  let octoberId = "";

  beforeAll(async () => {
    client = await w.liveClient(casa);
    await w.open(casa, "platformFee: null");
    const { rateCards } = await w.ask<{ rateCards: { id: string; name: string }[] }>(
      w.as(casa),
      '{ rateCards(currency: "USD") { id name } }',
    );
    octoberId = rateCards.find(({ name }) => name === "usd-2026-10-01")?.id ?? "";
  });

  const answer = async (call: Call, source: string, variables: object): Promise<Card | Refusal> => {
    const { data, errors } = await w.try(call, source, { ...variables });
    if (errors !== undefined) return errors[0]?.extensions as unknown as Refusal;
    const [payload] = Object.values(JSON.parse(JSON.stringify(data)) as Record<string, { rateCard: Card }>);
    if (payload === undefined) throw new Error("no payload");
    return payload.rateCard;
  };
  const importing = (input: object, call = importer()): Promise<Card | Refusal> =>
    answer(
      call,
      "mutation ($input: ImportRateCardInput!) { importRateCard(input: $input) { rateCard { id status name kind importedBy } } }",
      { input },
    );
  const releasing = (input: object, call = releaser()): Promise<Card | Refusal> =>
    answer(
      call,
      "mutation ($input: ReleaseRateCardInput!) { releaseRateCard(input: $input) { rateCard { id status releasedBy supersedes acceptedWarnings } } }",
      { input },
    );
  const drafted = async (input: object): Promise<string> => {
    const card = await importing({ kind: "list", currency: "USD", ...input });
    if (!("id" in card)) throw new Error(JSON.stringify(card));
    return card.id;
  };
  const withdrawing = (rateCardId: string, call = importer()): Promise<Card | Refusal> =>
    answer(
      call,
      "mutation ($input: WithdrawRateCardInput!) { withdrawRateCard(input: $input) { rateCard { id status withdrawnBy } } }",
      { input: { rateCardId } },
    );

  it("is kept as a draft that rates nothing and that no client sees", async () => {
    const id = await drafted({ effectiveFrom: "2027-01-01", csv: followUp("2027-01-01") });
    const { rateCards } = await w.ask<{ rateCards: { id: string }[] }>(w.as(casa), "{ rateCards { id } }");
    expect(rateCards.map((one) => one.id)).not.toContain(id);
    const one = await w.try(w.as(casa), `{ rateCard(id: "${id}") { id } }`);
    expect(one.errors?.[0]?.extensions).toMatchObject({ reason: "rate_card_not_found" });
    const listed = await w.ask<{ rateCardImports: { nodes: { id: string; status: string; name: string }[] } }>(
      importer(),
      "{ rateCardImports(first: 5) { nodes { id status name } } }",
    );
    expect(listed.rateCardImports.nodes).toContainEqual({ id, status: "draft", name: "usd-2027-01-01" });
    expect(await withdrawing(id)).toMatchObject({ status: "withdrawn", withdrawnBy: importer().actor.id });
  });

  it("is the first draft for the same idempotency key, and refused for another file under it", async () => {
    const input = { idempotencyKey: "card-1", kind: "list", currency: "CLP", effectiveFrom: "2027-01-01" };
    const csv = `${metaHeader}\nChile,CLP,80,20,20,n/a,20`;
    const first = await importing({ ...input, csv });
    expect(await importing({ ...input, csv })).toEqual(first);
    expect(await importing({ ...input, csv: `${csv}\n` })).toMatchObject({
      code: "CONFLICT",
      reason: "idempotency_mismatch",
    });
  });

  it.each([
    ["no kind of card", { kind: "lists", currency: "USD", effectiveFrom: "2027-01-01" }, "kind"],
    ["a currency in words", { kind: "list", currency: "dollars", effectiveFrom: "2027-01-01" }, "currency"],
    ["a grouping with a currency", { kind: "markets", currency: "USD", effectiveFrom: "2027-01-01" }, "currency"],
    ["a day that does not exist", { kind: "list", currency: "USD", effectiveFrom: "2027-02-29" }, "effectiveFrom"],
    [
      "an end before its beginning",
      { kind: "list", currency: "USD", effectiveFrom: "2027-01-01", effectiveTo: "2026-12-31" },
      "effectiveTo",
    ],
    ["no name", { kind: "list", currency: "USD", effectiveFrom: "2027-01-01", name: " " }, "name"],
  ])("is refused with %s", async (_, input, field) => {
    expect(await importing({ ...input, csv: followUp("2027-01-01") })).toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field },
    });
  });

  it("is refused with the places that are wrong, and nothing is kept", async () => {
    const count = async (): Promise<unknown> => w.ask(importer(), "{ rateCardImports(first: 1) { totalCount } }");
    const before = await count();
    expect(
      await importing({
        kind: "list",
        currency: "USD",
        effectiveFrom: "2027-01-01",
        csv: `${metaHeader}\nBrazil,USD,a,1,1,1,1`,
      }),
    ).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "rate_card_unreadable",
      details: { problemCount: 1, problems: [expect.stringContaining('line 2, marketing: "a"')] },
    });
    expect(await count()).toEqual(before);
  });

  it("is imported and released by the provider's staff alone", async () => {
    const reseller = w.world.call({ tenantId: casa, staff: true, roles: ["billing_admin"] });
    const input = { kind: "list", currency: "USD", effectiveFrom: "2027-01-01", csv: followUp("2027-01-01") };
    expect(await importing(input, reseller)).toMatchObject({ code: "FORBIDDEN", reason: "staff_only" });
    const auditor = w.world.call({ tenantId: provider, roles: ["auditor"] });
    expect(await importing(input, auditor)).toMatchObject({ code: "FORBIDDEN", reason: "permission_missing" });
    const rateCardId = await drafted(input);
    expect(await releasing({ rateCardId }, reseller)).toMatchObject({ code: "FORBIDDEN" });
    for (const query of [
      `rateCardImport(id: "${rateCardId}") { id }`,
      "rateCardImports(first: 5) { totalCount }",
      `rateCardComparison(id: "${rateCardId}") { unchanged }`,
    ])
      expect((await w.try(reseller, `{ ${query} }`)).errors?.[0]?.extensions).toMatchObject({
        code: "FORBIDDEN",
        reason: "staff_only",
      });
    await withdrawing(rateCardId);
  });

  it("is not released by the person who imported it, nor with an error, nor with a warning that nobody accepted", async () => {
    const rateCardId = await drafted({ effectiveFrom: "2026-12-15", csv: followUp("2026-12-15") });
    expect(await releasing({ rateCardId, supersedes: [octoberId] }, importer())).toMatchObject({
      code: "CONFLICT",
      reason: "rate_card_own_release",
    });
    expect(await releasing({ rateCardId })).toMatchObject({
      code: "CONFLICT",
      reason: "rate_card_faulty",
      details: { errors: [expect.stringContaining("usd-2026-10-01")] },
    });
    expect(await releasing({ rateCardId, supersedes: [octoberId], acceptWarnings: ["not_rehearsed"] })).toMatchObject({
      code: "CONFLICT",
      reason: "rate_card_warnings",
      details: { warnings: ["unusual_first_day"] },
    });
    const { rateCardImport } = await w.ask<{
      rateCardImport: { findings: { code: string; level: string; about: string[] }[] };
    }>(releaser(), `{ rateCardImport(id: "${rateCardId}") { findings { code level about } } }`);
    expect(rateCardImport.findings).toEqual([
      { code: "overlap", level: "error", about: [octoberId] },
      { code: "unusual_first_day", level: "warning", about: [] },
      { code: "not_rehearsed", level: "warning", about: [] },
    ]);
    await withdrawing(rateCardId);
    expect(await releasing({ rateCardId, supersedes: [octoberId] })).toMatchObject({
      code: "CONFLICT",
      reason: "rate_card_settled",
    });
    expect(await withdrawing(rateCardId)).toMatchObject({ status: "withdrawn" });
  });

  it("shows what it changes beside the card before it", async () => {
    const csv = followUp("2027-01-01").replace("Peru,authentication,0,,", "Peru,authentication_international,0,,");
    const id = await drafted({ effectiveFrom: "2027-01-01", csv });
    const { rateCardComparison } = await w.ask<{ rateCardComparison: object }>(
      releaser(),
      `{ rateCardComparison(id: "${id}") { predecessorId predecessor appeared disappeared moved { digits } unchanged changes { market category old { amount } new { amount } percent } } }`,
    );
    expect(rateCardComparison).toEqual({
      predecessorId: octoberId,
      predecessor: "usd-2026-10-01",
      appeared: [],
      disappeared: [],
      moved: [],
      unchanged: 251,
      changes: [
        { market: "Brazil", category: "marketing", old: { amount: "0.0625" }, new: { amount: "0.07" }, percent: "12" },
        { market: "Peru", category: "authentication", old: { amount: "0.03" }, new: null, percent: null },
        {
          market: "Peru",
          category: "authentication_international",
          old: null,
          new: { amount: "0.03" },
          percent: null,
        },
      ],
    });
    await withdrawing(id);
  });

  it("is rehearsed against a month's traffic: what it cost, what it would cost, and what would have no price", async () => {
    await w.deliver(live(), "2026-11-09T16:00:00Z", 3);
    const cells = async (csv: string): Promise<unknown> => {
      const rateCardId = await drafted({ effectiveFrom: "2027-01-01", csv });
      const input = { rateCardId, month: "2026-11" };
      const asked = await answer(
        importer(),
        "mutation ($input: RehearseRateCardInput!) { rehearseRateCard(input: $input) { rateCard { id status rehearsal { status } } } }",
        { input },
      );
      expect(asked).toMatchObject({ status: "draft", rehearsal: { status: "requested" } });
      await w.world.settle();
      const { rateCardImport } = await w.ask<{ rateCardImport: Card }>(
        releaser(),
        `{ rateCardImport(id: "${rateCardId}") { status rehearsal { month status cells { market category messages before { amount } after { amount } difference { amount } unratable } } } }`,
      );
      expect(rateCardImport).toMatchObject({
        status: "rehearsed",
        rehearsal: { month: "2026-11", status: "done" },
      });
      await withdrawing(rateCardId);
      return (rateCardImport["rehearsal"] as { cells: unknown }).cells;
    };
    const cell = { market: "Brazil", category: "marketing", messages: 3, before: { amount: "0.1875" } };
    expect(await cells(followUp("2027-01-01"))).toEqual([
      { ...cell, after: { amount: "0.21" }, difference: { amount: "0.0225" }, unratable: null },
    ]);
    expect(await cells(followUp("2027-01-01", "n/a"))).toEqual([
      { ...cell, after: null, difference: null, unratable: "no_rate_in_card" },
    ]);
  });

  it("rates from its first day on once another person released it, without a restart, and leaves what is booked as it was", async () => {
    const rateCardId = await drafted({ effectiveFrom: "2026-11-01", csv: followUp("2026-11-01") });
    const acceptWarnings = ["unusual_first_day", "short_notice", "days_booked", "not_rehearsed"];
    const released = await releasing({ rateCardId, supersedes: [octoberId], acceptWarnings });
    expect(released).toMatchObject({
      status: "released",
      releasedBy: releaser().actor.id,
      supersedes: [octoberId],
      acceptedWarnings: expect.arrayContaining(acceptWarnings) as unknown,
    });
    expect(await releasing({ rateCardId })).toEqual(released);
    expect(await withdrawing(rateCardId)).toMatchObject({ reason: "rate_card_settled" });
    await w.world.settle();
    await w.deliver(live(), "2026-11-09T17:00:00Z");
    await w.world.settle();
    const { ledgerEntries } = await w.ask<{
      ledgerEntries: { nodes: { id: string; charge: { amount: string }; rate: { rateCardId: string } | null }[] };
    }>(w.as(casa), "{ ledgerEntries(first: 10) { nodes { id charge { amount } rate { rateCardId line } } } }");
    expect(ledgerEntries.nodes.map(({ charge, rate }) => `${charge.amount} ${rate?.rateCardId ?? ""}`)).toEqual([
      `0.07 ${rateCardId}`,
      ...Array.from({ length: 3 }, () => `0.0625 ${octoberId}`),
    ]);
    for (const { id } of ledgerEntries.nodes) {
      const { explainCharge } = await w.ask<{ explainCharge: object }>(
        w.as(casa),
        `{ explainCharge(entryId: "${id}") { rerated { matches } } }`,
      );
      expect(explainCharge).toEqual({ rerated: { matches: true } });
    }
    const { rateCards, rateCard } = await w.ask<{
      rateCards: { id: string; effectiveTo: string | null }[];
      rateCard: object;
    }>(w.as(casa), `{ rateCards(currency: "USD") { id effectiveTo } rateCard(id: "${rateCardId}") { name rowCount } }`);
    expect(rateCards.slice(0, 2)).toEqual([
      { id: rateCardId, effectiveTo: null },
      { id: octoberId, effectiveTo: "2026-10-31" },
    ]);
    expect(rateCard).toEqual({ name: "usd-2026-11-01", rowCount: 253 });
  });

  it("rates what waited for a price", async () => {
    await w.world.bus.publish(w.statuses(live(), "2026-11-10T10:00:00Z", { category: "authentication-international" }));
    await w.world.settle();
    const waiting = async (): Promise<unknown> =>
      (await w.ask<{ unratedFacts: { nodes: unknown } }>(w.as(casa), "{ unratedFacts(first: 5) { nodes { reason } } }"))
        .unratedFacts.nodes;
    expect(await waiting()).toEqual([{ reason: "no_rate_in_card" }]);
    const csv = `${followUp("2026-11-10")}2026-11-10,,USD,Brazil,authentication_international,0,,0.0400\n`;
    const rateCardId = await drafted({ effectiveFrom: "2026-11-10", csv });
    const { rateCardImports } = await w.ask<{ rateCardImports: { nodes: { id: string; status: string }[] } }>(
      releaser(),
      "{ rateCardImports(first: 20) { nodes { id status } } }",
    );
    const supersedes = rateCardImports.nodes.filter(({ status }) => status === "released").map(({ id }) => id);
    const acceptWarnings = ["unusual_first_day", "short_notice", "days_booked", "not_rehearsed"];
    expect(await releasing({ rateCardId, supersedes, acceptWarnings })).toMatchObject({ status: "released" });
    await w.world.settle();
    expect(await waiting()).toEqual([]);
  });

  it("is known again after a restart", async () => {
    const names = async (): Promise<unknown> => w.ask(w.as(casa), '{ rateCards(currency: "USD") { id name } }');
    const before = await names();
    await w.world.restart();
    await w.deliver(live(), "2026-11-10T11:00:00Z");
    await w.world.settle();
    expect(await names()).toEqual(before);
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: { rate: { rateCard: string } }[] } }>(
      w.as(casa),
      "{ ledgerEntries(first: 1) { nodes { rate { rateCard } } } }",
    );
    expect(ledgerEntries.nodes[0]?.rate.rateCard).toBe("usd-2026-11-10");
  });
});
