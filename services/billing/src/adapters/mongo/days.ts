import { type Month, type UtcDay } from "@greentick/kernel";
import { type Document } from "mongodb";

/** The days of a month as bounds of texts: every day is written with ten characters. */
export const daysOf = (month: Month): { readonly $gte: UtcDay; readonly $lte: UtcDay } => ({
  $gte: `${month}-01` as UtcDay,
  $lte: `${month}-31` as UtcDay,
});

/** Entries of Meta's month: the days of that month, without what was invoiced under them and belongs to another, and what was invoiced elsewhere. */
export const ofMetaMonth = (month: Month): Document => ({
  service: { $exists: true },
  $or: [{ day: daysOf(month), metaMonth: { $exists: false } }, { metaMonth: month }],
});
