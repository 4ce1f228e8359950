import { accountReported, type DataOf, type wabaChanged } from "@greentick/contracts";
import { AppError } from "@greentick/kernel";
import { ianaZoneOf } from "@greentick/meta";
import { type Subscription } from "@greentick/runtime";
import { z } from "zod";
import { type AccountChange } from "../../domain/account-terms.js";
import { readTier, type TierNews, type TierSeries } from "../../domain/tier.js";
import { type NoteTier } from "../../usecases/note-tier.js";

const series: Readonly<Record<string, TierSeries>> = {
  UTILITY: "utility",
  AUTHENTICATION: "authentication",
  AUTHENTICATION_INTERNATIONAL: "authentication",
};

/** Meta: webhooks, account_update, VOLUME_BASED_PRICING_TIER_UPDATE. Numbers come as numbers or as text. */
const tierUpdate = z.object({
  volume_tier_info: z.object({
    tier_update_time: z.coerce.number().int().positive(),
    pricing_category: z.string(),
    tier: z.string(),
    effective_month: z.string().regex(/^\d{4}-\d{2}$/),
    region: z.string().min(1),
  }),
});

/** What the update says of a tier. @throws BAD_USER_INPUT naming the words that could not be read. */
export function readTierUpdate(detail: string): TierNews {
  const read = tierUpdate.safeParse(parsed(detail));
  const info = read.data?.volume_tier_info;
  const bounds = info && readTier(info.tier);
  const counted = info && series[info.pricing_category.toUpperCase()];
  if (info === undefined || bounds === undefined || counted === undefined)
    throw new AppError(
      "BAD_USER_INPUT",
      "tier_update_unreadable",
      `Meta's news of a volume tier could not be read: ${detail.slice(0, 300)}. Compare it with Meta's documentation; after an update that reads it, hand it in again.`,
    );
  const at = new Date(info.tier_update_time * 1_000);
  return { month: info.effective_month, market: info.region, series: counted, ...bounds, at };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only news of volume tiers; everything else that Meta reports on accounts is onboarding's. */
export const onAccountReported = (noteTier: NoteTier): Subscription => ({
  event: accountReported,
  handle: async (call, event) => {
    const { wabaId, event: word, detail } = event.data as DataOf<typeof accountReported>;
    if (wabaId === undefined || word?.raw !== "VOLUME_BASED_PRICING_TIER_UPDATE") return;
    await noteTier(call, wabaId, readTierUpdate(detail));
  },
});

/** What a change of an account means for prices; undefined when it means nothing. A zone that nobody knows is left as it was. */
export function accountChange({ field, to }: DataOf<typeof wabaChanged>, since: Date): AccountChange | undefined {
  if (field === "currency") return { since, currency: to };
  const timeZone = field === "timezoneId" ? ianaZoneOf(to) : undefined;
  return timeZone === undefined ? undefined : { since, timeZone };
}
