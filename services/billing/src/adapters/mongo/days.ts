import { type Month, type UtcDay } from "@greentick/kernel";

/** The days of a month as bounds of texts: every day is written with ten characters. */
export const daysOf = (month: Month): { readonly $gte: UtcDay; readonly $lte: UtcDay } => ({
  $gte: `${month}-01` as UtcDay,
  $lte: `${month}-31` as UtcDay,
});
