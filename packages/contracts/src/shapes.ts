import { z } from "zod";

/** Values shared by several events. Instants are Dates in memory and in the store. */
export const instant = z.date();
export const metaId = z.string().regex(/^\d{1,32}$/, "an id of Meta's is decimal digits");
export const currency = z.string().regex(/^[A-Z]{3}$/);
export const timeZone = z.string().min(1);
export const micros = z.bigint();
/** A harmless field before and after; absent where there was or is no value. Never a secret, never text of a message. */
export const fieldChange = z.object({ field: z.string(), from: z.string().optional(), to: z.string().optional() });
export const raw = z.object({ known: z.string(), raw: z.string() });
