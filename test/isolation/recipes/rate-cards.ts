import { ask } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { counted, type Making, recipe } from "./making.js";

const importing = `mutation Import($input: ImportRateCardInput!) { importRateCard(input: $input) { rateCard { id } } }`;

const prices = [
  "Market, Currency, Marketing, Utility, Authentication, Authentication-International, Service",
  "Brazil,USD,0.07,n/a,0.0068,n/a,0.0068",
  "Andes,USD,0.05,0.02,0.02,n/a,0.02",
].join("\n");
const grouping = [
  "effective_from,effective_to,calling_code,prefix,iso2,market",
  "2024-11-01,,55,,BR,Brazil",
  "2024-11-01,2040-12-31,57,,CO,Andes",
  "2024-11-01,,*,,*,Other",
].join("\n");
const acceptWarnings = ["gap", "not_rehearsed", "grouping_without_rate", "market_without_line"];
/** Years that nobody else has, each card its own, the same to the day at both sides. */
const firstYear = { ours: 2030, theirs: 2060 };

/** What Meta charges is the provider's alone to write. What is released here is in force when nobody of the story lives any more. */
export function rateCardRecipes({ target }: Making): Recipes {
  const days = (side: SideName): { readonly effectiveFrom: string; readonly effectiveTo: string } => {
    const year = String(firstYear[side] + Number(counted(side, "rate-card")));
    return { effectiveFrom: `${year}-01-01`, effectiveTo: `${year}-12-31` };
  };
  const list = (side: SideName): Readonly<Record<string, unknown>> => ({
    kind: "list",
    currency: "USD",
    ...days(side),
    csv: prices,
  });
  const markets = (side: SideName): Readonly<Record<string, unknown>> => ({
    kind: "markets",
    ...days(side),
    csv: grouping,
  });
  /** Imported by a colleague of whoever releases it. */
  const imported = async (input: Readonly<Record<string, unknown>>): Promise<string> => {
    const { importRateCard } = await ask<{ importRateCard: { rateCard: { id: string } } }>(
      target,
      target.tokens.billing_admin,
      importing,
      { input },
    );
    return importRateCard.rateCard.id;
  };
  const releasing = `mutation Release($input: ReleaseRateCardInput!) { releaseRateCard(input: $input) { rateCard { id } } }`;
  /** One that another one of the same days replaces. */
  const replacing = async (side: SideName): Promise<Readonly<Record<string, unknown>>> => {
    const input = markets(side);
    const before = await imported(input);
    await ask(target, target.tokens.platform_admin, releasing, { input: { rateCardId: before, acceptWarnings } });
    return { rateCardId: await imported(input), supersedes: [before], acceptWarnings };
  };
  return {
    importRateCard: recipe(
      "above.platform_admin",
      (side) => Promise.resolve({ ...list(side), idempotencyKey: `card:${counted(side, "import")}` }),
      (side) => Promise.resolve(markets(side)),
    ),
    rehearseRateCard: recipe("above.platform_admin", async (side) => ({
      rateCardId: await imported(list(side)),
      month: "2026-11",
    })),
    releaseRateCard: recipe("above.platform_admin", replacing),
    withdrawRateCard: recipe("above.platform_admin", async (side) => ({ rateCardId: await imported(list(side)) })),
  };
}
