import { ask, type Target } from "@greentick/gateway";
import { type Databases } from "./planted.js";
import { type Side } from "./sides.js";

const request = `mutation Replay($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }`;
const accept = `mutation Accept($input: DecideCorrectionsInput!) { acceptCorrections(input: $input) { decision { id } } }`;
const proposals = `query Proposals($replayId: ID!) { correctionProposals(first: 100, replayId: $replayId) { nodes { id kind } } }`;

interface PlantedFact {
  readonly _id: string;
  readonly tenantId: string;
  readonly outcome: string;
  readonly wabaId: string;
  readonly details: string;
}
interface FactDetails {
  readonly seen: readonly (readonly string[])[];
  readonly entries: readonly { readonly charge: readonly string[]; readonly cost: readonly string[] }[];
}

const priced = ({ entries: [entry, ...more] }: FactDetails, [cost = "", charge = ""]: readonly string[]): object[] => [
  { ...entry, cost: [entry?.cost[0], cost], charge: [entry?.charge[0], charge] },
  ...more,
];

/** Charges of the side that its webhooks do not bear out: two of another price, and one that was partly reported after every range. */
async function plantCharges({ mongo, databasePrefix }: Databases, { tenantId }: Side): Promise<string> {
  const facts = mongo.db(`${databasePrefix}billing`).collection<PlantedFact>("facts");
  const charged = await facts.find({ tenantId, outcome: "charged" }).sort({ _id: 1 }).toArray();
  const [first, second, third] = charged
    .map((fact) => ({ ...fact, said: JSON.parse(fact.details) as FactDetails }))
    .filter(({ said }) => said.entries.length === 1);
  if (first === undefined || second === undefined || third === undefined) throw new Error("too few charges");
  const plant = (_id: string, said: object, more: object = {}): Promise<unknown> =>
    facts.updateOne({ _id }, { $set: { ...more, details: JSON.stringify(said) } });
  for (const { _id, said } of [first, second]) await plant(_id, { ...said, entries: priced(said, ["5", "7"]) });
  const late = ["planted", `${"0".repeat(64)}:0`];
  const after = { "kept.last": new Date("2126-01-01T00:00:00Z") };
  await plant(third._id, { ...third.said, seen: [...third.said.seen, late] }, after);
  return first.wabaId;
}

/** The provider has the side's webhooks rated again; the reseller accepts a part of what is proposed. Afterwards one replay failed, and one proposal has no price. */
export async function replayLedger(target: Target, databases: Databases, side: Side): Promise<void> {
  const { tenantId, canary } = side;
  const wabaId = await plantCharges(databases, side);
  const range = { tenantId, from: "2020-01-01T00:00:00Z", to: new Date().toISOString() };
  const ids: string[] = [];
  for (const input of [{ ...range, wabaId }, range]) {
    const { requestReplay } = await ask<{ requestReplay: { replay: { id: string } } }>(
      target,
      target.tokens.platform_admin,
      request,
      { input },
    );
    ids.push(requestReplay.replay.id);
    await target.settle();
  }
  const [failed = "", compared = ""] = ids;
  const { correctionProposals } = await ask<{ correctionProposals: { nodes: { id: string; kind: string }[] } }>(
    target,
    side.tokens.reseller,
    proposals,
    { replayId: compared },
  );
  const proposalIds = correctionProposals.nodes.map(({ id }) => id);
  const input = { replayId: compared, proposalIds, reason: `What the card of ${canary} says` };
  await ask(target, side.tokens.reseller, accept, { input });
  await target.settle();
  const billing = databases.mongo.db(`${databases.databasePrefix}billing`);
  await billing
    .collection<{ _id: string }>("ledger_replays")
    .updateOne(
      { _id: failed },
      { $set: { "state.status": "failed", "state.failure": `Statuses of ${canary} are missing` } },
    );
  // As of a charge whose category no card has any more.
  await billing
    .collection("correction_proposals")
    .updateOne({ tenantId, "state.replayId": compared }, { $set: { "state.unrated": "unknown_category" } });
}
