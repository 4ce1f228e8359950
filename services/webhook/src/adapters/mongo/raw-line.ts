import { type Collection, type Filter } from "mongodb";
import { severalLanes, unsureLane } from "../../domain/lane.js";
import { type RawLog } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { only, type OpenRows, upTo } from "./raw-rows.js";

/** How many bodies of several lanes are looked at at a time. */
const togetherAtOnce = 32;

/** Before whatever comes behind that place. */
const justBehind = (sequence: string): string => `${sequence}~`;

export const laneIndex = "waiting_in_lane";

/** Who waits, and whose turn it may be. */
export function rawLine(
  rows: Collection<RawRow>,
  open: OpenRows,
): Pick<RawLog, "waiting" | "line" | "waitingIn" | "isFree"> {
  const inLane = (lanes: readonly string[], behind: string, before?: string): Filter<RawRow> => ({
    waiting: true,
    lane: { $in: [...lanes] },
    sequence: { $gt: behind, ...(before !== undefined && { $lt: before }) },
  });
  return {
    waiting: async (scope, atMost) => {
      const found = rows.find({ ...only(scope), waiting: true }).sort({ sequence: 1 });
      const taken = await upTo(found.limit(atMost.bodies + 1), atMost);
      return { bodies: open(taken.rows).map(({ body }) => body), more: taken.more };
    },
    line: async (scope, behind) => {
      const newest = rows
        .find({ ...only(scope), waiting: true }, { projection: { sequence: 1 } })
        .sort({ sequence: -1 });
      const end = justBehind((await newest.limit(1).next())?.sequence ?? behind);
      const [lanes, together] = await Promise.all([
        rows.distinct("lane", { ...only(scope), waiting: true }),
        rows
          .find(inLane([severalLanes, unsureLane], behind, end), { projection: { sequence: 1, lanes: 1 } })
          .sort({ sequence: 1 })
          .limit(togetherAtOnce)
          .toArray(),
      ]);
      return {
        lanes: lanes.filter(
          (lane): lane is string => lane !== undefined && lane !== severalLanes && lane !== unsureLane,
        ),
        together: together.map((row) => ({
          key: row._id,
          sequence: row.sequence,
          ...(row.lanes && { lanes: row.lanes }),
        })),
        allTogether: together.length < togetherAtOnce,
        end,
      };
    },
    waitingIn: async (scope, lane, { behind, before, atMost }) => {
      const found = rows.find({ ...only(scope), ...inLane([lane], behind, before) }).sort({ sequence: 1 });
      return open((await upTo(found.limit(atMost.bodies), atMost)).rows).map(({ body }) => body);
    },
    isFree: async (scope, lanes, { behind, before }) => {
      const first = { ...only(scope), ...inLane(lanes, behind, before) };
      return (await rows.countDocuments(first, { limit: 1, hint: laneIndex })) === 0;
    },
  };
}
