import { type Word, word } from "@greentick/kernel";

/** Meta's word lists as far as we know them. Their lists grow without notice: every reader keeps the raw word and may meet UNKNOWN. */
export const messageStatuses = ["SENT", "DELIVERED", "READ", "PLAYED", "FAILED"] as const;
export const pricingModels = ["CBP", "PMP"] as const;
export const pricingTypes = [
  "REGULAR",
  "FREE_CUSTOMER_SERVICE",
  "FREE_ENTRY_POINT",
  "FREE_GROUP_CUSTOMER_SERVICE",
] as const;
export const pricingCategories = [
  "MARKETING",
  "MARKETING_LITE",
  "MARKETING_LITE_DYNAMIC",
  "UTILITY",
  "AUTHENTICATION",
  "AUTHENTICATION_INTERNATIONAL",
  "SERVICE",
  "REFERRAL_CONVERSION",
  "GROUP_MARKETING",
  "GROUP_MARKETING_LITE",
  "GROUP_UTILITY",
  "GROUP_SERVICE",
  "GENERAL_PURPOSE_AI",
  "AI_BOT",
] as const;
export const pricingSubtypes = ["PAID_EXEMPT"] as const;
export const templateCategories = ["MARKETING", "UTILITY", "AUTHENTICATION"] as const;
export const templateStatuses = [
  "APPROVED",
  "PENDING",
  "REJECTED",
  "PAUSED",
  "DISABLED",
  "IN_APPEAL",
  "PENDING_DELETION",
  "DELETED",
  "LIMIT_EXCEEDED",
  "ARCHIVED",
] as const;
/** What a template webhook can announce: the node's statuses and four events that are no status. */
export const templateEvents = [...templateStatuses, "FLAGGED", "REINSTATED", "LOCKED", "UNARCHIVED"] as const;
export const qualityScores = ["GREEN", "YELLOW", "RED", "NA"] as const;
export const nameStatuses = [
  "APPROVED",
  "AVAILABLE_WITHOUT_REVIEW",
  "DECLINED",
  "EXPIRED",
  "PENDING_REVIEW",
  "NONE",
] as const;
export const nameDecisions = ["APPROVED", "REJECTED", "DEFERRED", "PENDING"] as const;
/** Events of number fields that are no name decision: quality, throughput, PIN. */
export const numberEvents = [
  "ONBOARDING",
  "THROUGHPUT_UPGRADE",
  "UPGRADE",
  "DOWNGRADE",
  "FLAGGED",
  "UNFLAGGED",
  "PIN_CHANGED",
  "PIN_RESET_REQUEST",
  "PIN_RESET_SUCCESS",
] as const;
export const codeVerificationStatuses = ["VERIFIED", "NOT_VERIFIED", "UNVERIFIED", "EXPIRED"] as const;
export const numberStatuses = [
  "PENDING",
  "CONNECTED",
  "DISCONNECTED",
  "FLAGGED",
  "RESTRICTED",
  "RATE_LIMITED",
  "BANNED",
  "MIGRATED",
  "DELETED",
  "UNVERIFIED",
] as const;
export const accountReviewStatuses = ["APPROVED", "PENDING", "REJECTED", "DEFERRED"] as const;
export const badgeStatuses = ["NOT_STARTED", "PENDING", "APPROVED", "REJECTED"] as const;
export const accountEvents = [
  "ACCOUNT_DELETED",
  "ACCOUNT_RESTRICTION",
  "ACCOUNT_VIOLATION",
  "DISABLED_UPDATE",
  "PARTNER_ADDED",
  "PARTNER_REMOVED",
  "PARTNER_APP_INSTALLED",
  "PARTNER_APP_UNINSTALLED",
  "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
  "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
  "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
  "VOLUME_BASED_PRICING_TIER_UPDATE",
  "AD_ACCOUNT_LINKED",
  "MM_LITE_TERMS_SIGNED",
  "ACCOUNT_OFFBOARDED",
  "ACCOUNT_RECONNECTED",
  "VERIFIED_ACCOUNT",
  "OBA_APPROVED",
  "OBA_REJECTED",
  "PROFILE_PICTURE_LOST",
  "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED",
  "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED",
  "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO",
  "COMPROMISED_NOTIFICATION",
  "SOLUTION_CREATED",
  "SOLUTION_UPDATED",
  "APPROVED",
  "PENDING",
  "REJECTED",
  "DEFERRED",
] as const;

export type MessageStatus = (typeof messageStatuses)[number];
export type PricingModel = (typeof pricingModels)[number];
export type PricingType = (typeof pricingTypes)[number];
export type PricingCategory = (typeof pricingCategories)[number];
export type PricingSubtype = (typeof pricingSubtypes)[number];
export type TemplateCategory = (typeof templateCategories)[number];
export type TemplateStatus = (typeof templateStatuses)[number];
export type TemplateEvent = (typeof templateEvents)[number];

/**
 * Reads a word of Meta's. Meta writes one word in several spellings (`authentication-international`, `AUTHENTICATION_INTERNATIONAL`,
 * `LEGAL NAME NOT MATCHING`): case, hyphens and spaces do not matter for the known word; the raw one stays as written.
 */
export function metaWord<K extends string>(known: readonly K[], raw: string): Word<K> {
  return { known: word(known, raw.replace(/[- ]/g, "_")).known, raw };
}
