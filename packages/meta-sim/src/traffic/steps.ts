import { type StatusWord } from "./planned.js";
import { type Course } from "./profile.js";

/** Courses that are more than the webhooks of one message. */
export type Special = "late" | "late_read" | "bundle" | "bundle_of_accounts";
export type When = "start" | "delivered" | "soon" | "later";
export type Step = readonly [status: StatusWord, when: When, priced: "yes" | "no" | "maybe"];

const [sent, delivered] = [
  ["sent", "start", "maybe"],
  ["delivered", "delivered", "yes"],
] as const;
const [readSoon, readLater] = [
  ["read", "soon", "no"],
  ["read", "later", "no"],
] as const;

/** The webhooks of a single message in the order of posting; one of them carries the price (Meta: webhooks v24, messages, status). */
export const stepsOf: Readonly<Record<Exclude<Course, Special>, readonly Step[]>> = {
  all: [sent, delivered, readLater],
  unread: [sent, delivered],
  read_only: [sent, ["read", "soon", "yes"]],
  price_on_read: [
    ["sent", "start", "no"],
    ["delivered", "delivered", "no"],
    ["read", "soon", "yes"],
  ],
  failed: [
    ["sent", "start", "no"],
    ["failed", "delivered", "no"],
  ],
  failed_only: [["failed", "delivered", "no"]],
  sent_only: [sent],
  delivered_only: [delivered],
  delivered_first: [delivered, sent, readSoon],
  read_first: [readSoon, delivered, sent],
  read_second: [sent, readSoon, delivered],
  same_body_twice: [sent, delivered, readLater],
  same_status_twice: [sent, delivered, readLater],
};

const ranks: Readonly<Record<StatusWord, number>> = { sent: 0, delivered: 1, read: 2, failed: 3 };
export const isDisordered = (steps: readonly Step[]): boolean =>
  steps.some(([status], at) => at > 0 && ranks[status] < ranks[steps[at - 1]?.[0] ?? "sent"]);
