import { actFor } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

const create = `mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;

/** A value in each field of a plan that can be without one. */
const everyTerm = {
  fixed: { perMessage: "0.5" },
  clauses: [{ market: "Brazil", category: "marketing", price: "1" }],
  volumeDiscounts: "PASS",
  wabaFee: "2",
  numberFee: "1",
  feesByDays: true,
  bundles: [{ messages: 10, categories: ["utility"], markets: ["Brazil"] }],
  volumeTiers: [
    {
      steps: [
        { above: 10, basisPoints: 100 },
        { above: 20, lessPerMessage: "0.001" },
      ],
      categories: ["service"],
      markets: ["India"],
    },
  ],
  minimum: "5",
  exchange: { source: "ECB" },
};

const replays = `query Replays { ledgerReplays(first: 50) { nodes { id status differing } } }`;
const proposals = `query Proposals($replayId: ID!) { correctionProposals(first: 50, replayId: $replayId) { nodes { id } } }`;

/** Billing accounts, price plans, replays, comparisons of months. */
export function billingRecipes(making: Making): Recipes {
  /** Staff in a client of theirs for which nothing is open yet. */
  const newcomer = async (side: SideName): Promise<void> => {
    const name = `${making.sides[side].canary} ${counted(side, "newcomer")}`;
    const input = { name, legalName: name, country: "CO", currency: "USD", timeZone: "America/Bogota" };
    const { createTenant } = await asking(making)<{ createTenant: { tenant: { id: string } } }>(
      side,
      "reseller",
      create,
      { input },
    );
    await making.target.settle();
    making.become(side, await actFor(making.target, createTenant.tenant.id, "Opening of its billing"));
  };
  const nextMonth = (side: SideName): string => {
    const number = Number(counted(side, "plan"));
    return `${String(2028 + Math.floor(number / 12))}-${String((number % 12) + 1).padStart(2, "0")}-01`;
  };
  const own = async <T>(side: SideName, question: string, variables = {}): Promise<T> =>
    asking(making)<T>(side, "reseller", question, variables);
  /** A replay of the side that somebody else asked for, with its proposals. */
  const compared = async (side: SideName): Promise<{ readonly replayId: string; readonly proposalIds: string[] }> => {
    const { ledgerReplays } = await own<{
      ledgerReplays: { nodes: { id: string; differing: number; status: string }[] };
    }>(side, replays);
    const replayId = ledgerReplays.nodes.find((one) => one.status === "DONE" && one.differing > 0)?.id ?? "none";
    const { correctionProposals } = await own<{ correctionProposals: { nodes: { id: string }[] } }>(side, proposals, {
      replayId,
    });
    return { replayId, proposalIds: correctionProposals.nodes.map(({ id }) => id) };
  };
  const decision = (word: string) => async (side: SideName) => ({
    ...(await compared(side)),
    reason: `Looked at by ${making.sides[side].canary}`,
    idempotencyKey: `${word}:${counted(side, word)}`,
  });
  const plan =
    (terms: Readonly<Record<string, unknown>>) =>
    (side: SideName): Promise<Readonly<Record<string, unknown>>> => {
      const effectiveFrom = nextMonth(side);
      return Promise.resolve({ ...terms, effectiveFrom, currency: "USD", idempotencyKey: `plan:${effectiveFrom}` });
    };
  return {
    requestReplay: plainly("reseller", (side) => ({
      tenantId: making.sides[side].tenantId,
      from: "2020-01-01T00:00:00Z",
      to: "2020-01-02T00:00:00Z",
      wabaId: making.sides[side].wabaIds[0],
      idempotencyKey: `replay:${counted(side, "replay")}`,
    })),
    acceptCorrections: recipe("reseller", decision("accept")),
    refuseCorrections: recipe("reseller", decision("refuse")),
    setPricePlan: recipe("visiting_staff", plan({ percent: { basisPoints: 700 } }), plan(everyTerm)),
    setExchangeRate: plainly("visiting_staff", (side) => {
      const effectiveFrom = `2026-10-${counted(side, "rate").padStart(2, "0").slice(-2)}`;
      const at = "2026-10-01T12:00:00.000Z";
      return {
        from: "USD",
        to: "EUR",
        rate: "0.9",
        effectiveFrom,
        source: "ECB",
        at,
        idempotencyKey: `rate:${effectiveFrom}`,
      };
    }),
    setMarginFloor: plainly("visiting_staff", (side) => ({ basisPoints: Number(counted(side, "floor")) })),
    openBillingAccount: recipe("guest", async (side) => {
      await newcomer(side);
      return { idempotencyKey: "billing" };
    }),
    runReconciliation: plainly("reseller", (side) => ({
      month: "2026-11",
      idempotencyKey: `run:${counted(side, "run")}`,
    })),
  };
}
