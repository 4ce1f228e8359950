import { type Word } from "@greentick/kernel";
import { z } from "zod";
import { metaWord } from "./words.js";

/** Pieces of Meta's replies. Objects are open: what we do not name is ignored, since Meta adds fields without a new version. */
export const metaId = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,32}$/));
export const success = z.object({ success: z.literal(true) });
export const wordOf = <K extends string>(known: readonly K[]): z.ZodType<Word<K>> =>
  z.string().transform((raw) => metaWord(known, raw));
/** Digits of a number as written, whether Meta sends a number or a string. */
export const digits = z.union([z.string(), z.number()]).transform(String);
export const unixSeconds = z.union([z.string(), z.number()]).transform((value) => new Date(Number(value) * 1000));
export const paging = z
  .object({ cursors: z.object({ after: z.string().optional() }).optional(), next: z.string().optional() })
  .optional();
/** The cursor of the next page; none on the last one. */
export const nextPage = (page: z.infer<typeof paging>): string | undefined =>
  page?.next === undefined ? undefined : page.cursors?.after;

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
/** The properties that have a value: what Meta left out is absent, not undefined. */
export const present = <T extends Record<string, unknown>>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
