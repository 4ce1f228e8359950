import { type Random } from "../ids.js";

/** How a country's numbers look; the last four digits are drawn. All lie in ranges used for examples. */
export interface Country {
  readonly iso2: string;
  readonly prefix: string;
  readonly weight: number;
}

export const countries: readonly Country[] = [
  { iso2: "BR", prefix: "551195555", weight: 24 },
  { iso2: "MX", prefix: "521555555", weight: 18 },
  { iso2: "CO", prefix: "57300555", weight: 18 },
  { iso2: "IN", prefix: "91987655", weight: 12 },
  { iso2: "US", prefix: "1415555", weight: 8 },
  { iso2: "DE", prefix: "491515550", weight: 6 },
  { iso2: "AR", prefix: "549115555", weight: 5 },
  { iso2: "GB", prefix: "44770090", weight: 3 },
  { iso2: "DO", prefix: "1809555", weight: 2 },
  { iso2: "KZ", prefix: "7701555", weight: 2 },
  { iso2: "ZW", prefix: "26377155", weight: 2 },
];

/** Meta's webhook words and how often they are drawn. */
export const categories: readonly (readonly [category: string, weight: number])[] = [
  ["service", 34],
  ["marketing", 24],
  ["utility", 22],
  ["authentication", 10],
  ["marketing_lite", 5],
  ["referral_conversion", 5],
];

/** What happens to the webhooks of a message, or of a bundle of messages, and how often among a hundred. */
export const courses = [
  ["all", 48],
  ["unread", 16],
  ["read_only", 5],
  ["price_on_read", 2],
  ["failed", 5],
  ["failed_only", 1],
  ["sent_only", 3],
  ["delivered_first", 3],
  ["read_first", 2],
  ["read_second", 1],
  ["late", 2],
  ["late_read", 1],
  ["delivered_only", 2],
  ["same_body_twice", 3],
  ["same_status_twice", 2],
  ["bundle", 3],
  ["bundle_of_accounts", 1],
] as const;
export type Course = (typeof courses)[number][0];

/** Deals courses from a shuffled pack of a hundred, so that every hundred draws hold every course. */
export function packOf(random: Random): () => Course {
  const full = courses.flatMap(([course, copies]) => Array.from({ length: copies }, () => course));
  let pack: Course[] = [];
  return () => {
    if (pack.length === 0) pack = random.shuffled(full);
    return pack.pop() ?? "all";
  };
}

export function weighted<T>(random: Random, choices: readonly (readonly [T, number])[]): T {
  let rest = random.next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  return random.pick(choices)[0];
}

export const givenNames = [
  "Marina Duarte",
  "Andres Rincon",
  "Lucia Zavala",
  "Ravi Menon",
  "João Sá",
  "Zoë Müller",
  "Айгуль К.",
  "Ana / Luis",
];
