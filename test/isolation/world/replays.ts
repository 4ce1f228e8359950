import { ask, type Target } from "@greentick/gateway";
import { type Databases } from "./planted.js";
import { type Side } from "./sides.js";

const request = `mutation Replay($input: RequestReplayInput!) { requestReplay(input: $input) { replay { id } } }`;
const accept = `mutation Accept($input: DecideCorrectionsInput!) { acceptCorrections(input: $input) { decision { id } } }`;
const proposals = `query Proposals($replayId: ID!) { correctionProposals(first: 100, replayId: $replayId) { nodes { id kind } } }`;

interface PlantedEntry {
  readonly id: string;
  readonly service: object;
}
interface PlantedFact {
  readonly _id: string;
  readonly wabaId: string;
  readonly kept: { readonly first: Date; readonly last: Date };
  readonly entries: readonly PlantedEntry[];
}

/**
 * Charges of the side that its webhooks do not bear out: two of another price, one of what has no price, and one that was partly reported after
 * every range.
 */
async function plantCharges({ mongo, databasePrefix }: Databases, { tenantId }: Side): Promise<string> {
  const facts = mongo.db(`${databasePrefix}billing`).collection<PlantedFact>("facts");
  const charged = { tenantId, entries: { $size: 1 }, "entries.0.charge.amountMicros": { $gt: 0n } };
  const exactly = { promoteLongs: false };
  const [first, second, third] = await facts.find(charged, exactly).sort({ _id: 1 }).limit(3).toArray();
  if (first === undefined || second === undefined || third === undefined) throw new Error("too few charges");
  for (const { _id } of [first, second])
    await facts.updateOne(
      { _id },
      { $set: { "entries.0.charge.amountMicros": 7n, "entries.0.cost.amountMicros": 5n } },
    );
  const late = { content: "planted", webhooks: [`${"0".repeat(64)}:0`] };
  const after = new Date("2126-01-01T00:00:00Z");
  await facts.updateOne({ _id: third._id }, { $push: { seen: late } as never, $set: { "kept.last": after } });
  const unpriced = await facts.findOne({ tenantId, "pricing.pricing.model": "PMP", "entries.0": { $exists: false } });
  const target = unpriced?._id ?? second._id;
  await facts.updateOne(
    { _id: target },
    {
      $set: {
        entries: second.entries.map((entry) => ({ ...entry, id: `${entry.id.slice(0, -1)}0`, key: target })),
        "pricing.pricing.category": "unheard_of",
      },
    },
  );
  return first.wabaId;
}

/** The provider has the side's webhooks rated again; the reseller accepts a part of what is proposed. Afterwards one replay failed. */
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
  const replays = databases.mongo
    .db(`${databases.databasePrefix}billing`)
    .collection<{ _id: string }>("ledger_replays");
  await replays.updateOne(
    { _id: failed },
    { $set: { "state.status": "failed", "state.failure": `Statuses of ${canary} are missing` } },
  );
}
