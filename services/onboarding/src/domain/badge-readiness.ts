import { dayMs } from "@greentick/kernel";
import { type BadgeEvidence, type Check, httpsHost, isSound, type Verdict } from "./badge-evidence.js";
import { nameVerdict, type PhoneNumber } from "./phone-number.js";
import { type Waba } from "./waba.js";

/** One eligibility rule with its verdict, what tells it, and what to do when it fails. */
export interface RuleResult extends Check {
  readonly title: string;
  readonly fix: string;
}

export interface Readiness {
  readonly rules: readonly RuleResult[];
  /** Rules that pass, in whole percent of all. */
  readonly scorePercent: number;
  /** No rule fails. */
  readonly ready: boolean;
}

export interface ReadinessFacts {
  readonly number: PhoneNumber;
  readonly waba: Waba;
  readonly websiteUrl: string;
  readonly evidence: readonly BadgeEvidence[];
}

/** Days a number must have been on the platform (Meta: Official Business Accounts, eligibility). */
const daysOnPlatform = 30;
/** Links we ask for. Meta names no least number; refusals for want of notability are common below this. */
const fewestLinks = 3;

type Rule = (facts: ReadinessFacts, now: Date) => RuleResult;

const told = (holds: boolean | undefined): Verdict => (holds === undefined ? "unknown" : holds ? "pass" : "fail");

const thirtyDays: Rule = ({ number }, now) => {
  const days = number.registeredAt && Math.floor((now.getTime() - number.registeredAt.getTime()) / dayMs);
  return {
    rule: "thirty_days_on_platform",
    title: "On the platform for 30 days",
    verdict: told(days === undefined ? undefined : days >= daysOnPlatform),
    proof: days === undefined ? "we did not register the number" : `${String(days)} days since its registration`,
    fix: "Wait until the thirtieth day after the registration.",
  };
};

const nameApproved: Rule = ({ number }) => ({
  rule: "display_name_approved",
  title: "Display name approved",
  verdict: told(number.mirror.nameStatus && nameVerdict(number) === "approved"),
  proof: number.mirror.nameStatus?.value ?? "Meta has not told",
  fix: "Change the display name in WhatsApp Manager and wait for Meta's decision.",
});

const businessVerified: Rule = ({ waba }) => {
  const word = waba.mirror.businessVerification?.value;
  return {
    rule: "business_verified",
    title: "Business verified",
    verdict: told(word === undefined ? undefined : word.toLowerCase() === "verified"),
    proof: word ?? "Meta has not told",
    fix: "Complete the business verification of the portfolio in Meta's Security Center.",
  };
};

const pinSet: Rule = ({ number }) => {
  const word = number.mirror.pinEnabled?.value;
  const known = number.sealedPin !== undefined && number.registeredAt !== undefined ? true : undefined;
  return {
    rule: "two_step_pin_set",
    title: "Two-step verification on",
    verdict: told(word === undefined ? known : word === "true"),
    proof:
      word === undefined ? (known ? "the PIN we set at registration" : "Meta has not told") : `is_pin_enabled: ${word}`,
    fix: "Switch two-step verification on in WhatsApp Manager.",
  };
};

const notability: Rule = ({ evidence }) => {
  const sound = evidence.filter(isSound).length;
  return {
    rule: "notable_in_press",
    title: `At least ${String(fewestLinks)} links to organic press`,
    verdict: told(sound >= fewestLinks),
    proof: `${String(sound)} of ${String(evidence.length)} links pass every check`,
    fix: "Add articles of independent media about the business; no paid content, listings or own pages.",
  };
};

const website: Rule = ({ websiteUrl }) => ({
  rule: "https_website",
  title: "Website on https",
  verdict: told(httpsHost(websiteUrl) !== undefined),
  proof: websiteUrl,
  fix: "Give the address of the business's website with https.",
});

const notOfficialYet: Rule = ({ number }) => ({
  rule: "not_official_yet",
  title: "Not an Official Business Account already",
  verdict: told(number.mirror.official?.value !== "true"),
  proof: `is_official_business_account: ${number.mirror.official?.value ?? "not told"}`,
  fix: "Nothing to do: the number has its badge.",
});

const rules: readonly Rule[] = [
  thirtyDays,
  nameApproved,
  businessVerified,
  pinSet,
  notability,
  website,
  notOfficialYet,
];

/** Every eligibility rule of Meta's that can be told before asking, each with its proof (Meta: Official Business Accounts, eligibility). */
export function readiness(facts: ReadinessFacts, now: Date): Readiness {
  const results = rules.map((rule) => rule(facts, now));
  const passing = results.filter((result) => result.verdict === "pass").length;
  return {
    rules: results,
    scorePercent: Math.floor((passing * 100) / results.length),
    ready: results.every((result) => result.verdict !== "fail"),
  };
}
