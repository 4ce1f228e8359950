/** A day that exists: 2026-02-31 reads as a date in March and is no day. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** ISO 4217 by its form. */
export const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text);
