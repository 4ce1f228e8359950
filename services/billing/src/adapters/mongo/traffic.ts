import { type Month, type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Document } from "mongodb";
import { type CardCategory } from "../../domain/words.js";
import { ofMetaMonth } from "./days.js";
import { type Traffic, type TrafficAsk, type TrafficGroup } from "../../ports.js";

interface Group {
  readonly _id: {
    readonly currency: string;
    readonly category: CardCategory;
    readonly cardId: string;
    readonly line: number;
    readonly digits?: string;
    readonly country?: string;
  };
  readonly units: number | bigint;
  readonly costMicros: bigint | number;
}

/** The ledger as past traffic: entries that were rated by a card, reversals counted against them. Reads only. */
export function mongoTraffic(database: Database): Traffic {
  const rows = database.db.collection("entries");
  return {
    ofMonth: async (scope, metaMonth, ask) => {
      const found = await rows.aggregate<Group>(pipeline(scope, metaMonth, ask), { allowDiskUse: true }).toArray();
      return found.length > ask.limit ? undefined : found.map(toGroup).filter(({ units }) => units !== 0);
    },
  };
}

const dialled = "$service.basis.recipient.dialPrefix";

const pipeline = (scope: Scope, metaMonth: Month, { livemode, currency, digits, limit }: TrafficAsk): Document[] => [
  {
    $match: {
      $and: [
        scopeFilter(scope),
        ofMetaMonth(metaMonth),
        { livemode, "service.rate.cardId": { $exists: true } },
        currency === undefined ? {} : { "cost.currency": { $eq: currency } },
      ],
    },
  },
  {
    $group: {
      _id: {
        currency: "$cost.currency",
        category: "$service.category",
        cardId: "$service.rate.cardId",
        line: "$service.rate.line",
        digits: { $cond: [{ $gt: [dialled, null] }, { $substrCP: [dialled, 0, digits] }, "$$REMOVE"] },
        country: { $cond: [{ $gt: [dialled, null] }, "$$REMOVE", "$service.basis.recipient.country"] },
      },
      units: { $sum: "$units" },
      costMicros: { $sum: "$cost.amountMicros" },
    },
  },
  { $limit: limit + 1 },
];

const toGroup = ({ _id: { digits, country, ...by }, units, costMicros }: Group): TrafficGroup => ({
  ...by,
  recipient: {
    ...(digits !== undefined && { dialPrefix: digits }),
    ...(digits === undefined && country !== undefined && { country }),
  },
  units: Number(units),
  costMicros: BigInt(costMicros),
});
