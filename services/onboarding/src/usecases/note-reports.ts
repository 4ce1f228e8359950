import { allow, type Call, tenantScope } from "@greentick/kernel";
import { awaitsDecision, type BadgeRequest, decided } from "../domain/badge-request.js";
import { digitsOf, factsOfReport, observeNumber, type NumberFacts, type PhoneNumber } from "../domain/phone-number.js";
import { observeWaba } from "../domain/waba.js";
import { type OnboardingPorts } from "../ports.js";
import { badgeMoved } from "./badge-events.js";
import { numberChanges, wabaChanges } from "./mirror-events.js";
import { keepOutcome } from "./run-signup-step.js";
import { nameOutcome } from "./steps/number-steps.js";

type Ports = Pick<OnboardingPorts, "cases" | "numbers" | "wabas" | "badges">;

export interface NumberReport {
  readonly wabaId: string;
  readonly phoneNumberId?: string;
  readonly field: string;
  readonly displayPhoneNumber?: string;
  readonly decision?: string;
  readonly detail?: string;
  readonly at: Date;
}
export interface AccountReport {
  /** Absent where Meta speaks of our own portfolio. */
  readonly wabaId?: string;
  readonly field: string;
  readonly event?: string;
  readonly entityType?: string;
  readonly entityId?: string;
  /** The update's JSON text. */
  readonly detail: string;
  readonly at: Date;
}

/** Meta reported on a number: its mirror changes, and a case that waits for the name's decision moves. Safe to repeat and out of order. */
export const noteNumberReport =
  (ports: Ports) =>
  async (call: Call, report: NumberReport): Promise<void> => {
    allow(call, "onboarding:write");
    const number = await reportedNumber(ports, call, report);
    if (number === undefined) return;
    const kept = await keepFacts(ports, call, {
      number,
      facts: factsOfReport(report.field, report.decision, report.detail),
      at: report.at,
    });
    await moveByName(ports, call, kept);
  };

/** The case that waits for the decision, or was refused by an earlier one, moves on; a second refusal changes nothing. */
async function moveByName(ports: Ports, call: Call, number: PhoneNumber): Promise<void> {
  const step = "name_approved";
  const { phoneNumberId } = number;
  const one = await ports.cases.findOne(tenantScope(call), { phoneNumberId, next: step, status: ["open", "blocked"] });
  const outcome = nameOutcome(number);
  if (one === undefined || "wait" in outcome || ("refused" in outcome && one.status === "blocked")) return;
  await keepOutcome(ports, call, { one, step, outcome });
}

/** A webhook names the number by its digits; some fields by Meta's id. */
function reportedNumber({ numbers }: Ports, call: Call, report: NumberReport): Promise<PhoneNumber | undefined> {
  if (report.phoneNumberId !== undefined)
    return numbers.findOne(tenantScope(call), { phoneNumberId: report.phoneNumberId });
  const digits = digitsOf(report.displayPhoneNumber ?? "");
  return digits === ""
    ? Promise.resolve(undefined)
    : numbers.findOne(tenantScope(call), { wabaId: report.wabaId, digits });
}

async function keepFacts(
  { numbers }: Ports,
  call: Call,
  { number, facts, at }: { readonly number: PhoneNumber; readonly facts: NumberFacts; readonly at: Date },
): Promise<PhoneNumber> {
  const { next, changes } = observeNumber(number, facts, { at, source: "webhook" });
  if (changes.length === 0) return number;
  return numbers.save(call, next, numberChanges(next, changes));
}

/** Meta reported on an account or gave an alert: mirrors change, and a badge request that waits for its decision gets it. */
export const noteAccountReport =
  (ports: Ports) =>
  async (call: Call, report: AccountReport): Promise<void> => {
    allow(call, "onboarding:write");
    const outcome = badgeOutcomes[report.event ?? ""];
    if (outcome !== undefined && report.entityId !== undefined)
      return noteBadge(ports, call, { report, phoneNumberId: report.entityId, outcome });
    const { wabaId, event } = report;
    if (wabaId === undefined || event === undefined) return;
    const waba = await ports.wabas.findOne(tenantScope(call), { wabaId });
    if (waba === undefined) return;
    const facts = report.field === "account_review_update" ? { review: event } : { accountEvent: event };
    const { next, changes } = observeWaba(waba, facts, { at: report.at, source: "webhook" });
    if (changes.length > 0) await ports.wabas.save(call, next, wabaChanges(next, changes));
  };

/** Meta: account_alerts. */
const badgeOutcomes: Readonly<Record<string, "approved" | "rejected">> = {
  OBA_APPROVED: "approved",
  OBA_REJECTED: "rejected",
};

interface BadgeNote {
  readonly report: AccountReport;
  readonly phoneNumberId: string;
  readonly outcome: "approved" | "rejected";
}

async function noteBadge(ports: Ports, call: Call, { report, phoneNumberId, outcome }: BadgeNote): Promise<void> {
  const number = await ports.numbers.findOne(tenantScope(call), { phoneNumberId });
  if (number === undefined) return;
  const official = outcome === "approved" ? { official: "true" } : {};
  await keepFacts(ports, call, { number, facts: { badge: outcome.toUpperCase(), ...official }, at: report.at });
  const request = await ports.badges.findOne(tenantScope(call), { phoneNumberId });
  if (request !== undefined && awaitsDecision(request))
    await keepDecision(ports, call, decided(request, { outcome, decision: report.detail, at: report.at }));
}

async function keepDecision({ badges }: Pick<Ports, "badges">, call: Call, request: BadgeRequest): Promise<void> {
  await badges.save(call, request, [badgeMoved(request, "Meta's decision")]);
}
