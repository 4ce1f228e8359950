/** Whether a rule holds. `unknown`: nobody could tell; it stops nothing, and is shown. */
export const verdicts = ["pass", "fail", "unknown"] as const;
export type Verdict = (typeof verdicts)[number];

/** A rule that was checked, what came out, and by what it was told. */
export interface Check {
  readonly rule: string;
  readonly verdict: Verdict;
  readonly proof: string;
}

/** Press about the business, with the checks that were run when it was added. */
export interface BadgeEvidence {
  readonly id: string;
  readonly url: string;
  readonly note: string;
  readonly addedAt: Date;
  readonly addedBy: string;
  readonly checks: readonly Check[];
}

/** Most links Meta's form takes (WhatsApp Manager: Official Business Account). */
export const mostLinks = 5;

const paid = [
  "prnewswire.com",
  "businesswire.com",
  "globenewswire.com",
  "einpresswire.com",
  "accesswire.com",
  "prweb.com",
];
const listings = [
  "linkedin.com",
  "facebook.com",
  "instagram.com",
  "x.com",
  "tiktok.com",
  "youtube.com",
  "crunchbase.com",
  "yelp.com",
  "trustpilot.com",
  "yellowpages.com",
];

/** The host of an https address, lower case without `www.`; undefined for anything else. */
export function httpsHost(url: string): string | undefined {
  const match = /^https:\/\/(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/?#].*)?$/i.exec(url);
  return match?.[1]?.toLowerCase();
}

const within = (host: string, site: string): boolean => host === site || host.endsWith(`.${site}`);

/** Meta wants organic press: nothing paid, no listing, not the business's own pages (Meta: Official Business Accounts, notability). */
export function checkLink(url: string, website: string, others: readonly string[]): readonly Check[] {
  const host = httpsHost(url);
  const own = httpsHost(website);
  if (host === undefined)
    return [{ rule: "https_address", verdict: "fail", proof: "this is no https address of a public host" }];
  const rule = (name: string, holds: boolean, proof: string): Check => ({
    rule: name,
    verdict: holds ? "pass" : "fail",
    proof,
  });
  return [
    rule("https_address", true, host),
    rule("not_own_site", own === undefined || !within(host, own), `${host} against ${own ?? website}`),
    rule(
      "not_paid",
      !paid.some((site) => within(host, site)),
      `${host} against ${String(paid.length)} known press-release services`,
    ),
    rule(
      "not_listing",
      !listings.some((site) => within(host, site)),
      `${host} against ${String(listings.length)} known networks and directories`,
    ),
    rule("not_repeated", !others.includes(url), "compared with the links already given"),
    { rule: "organic_press", verdict: "unknown", proof: "a person has to read it" },
  ];
}

export const isSound = (evidence: BadgeEvidence): boolean => evidence.checks.every((check) => check.verdict !== "fail");
