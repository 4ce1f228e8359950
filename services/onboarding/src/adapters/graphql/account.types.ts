import { connectionOf, DateTime, PageArgs, wordOf } from "@greentick/graphql";
import { type Word } from "@greentick/kernel";
import {
  accountReviewStatuses,
  badgeStatuses,
  codeVerificationStatuses,
  metaWord,
  nameStatuses,
  numberStatuses,
  qualityScores,
} from "@greentick/meta";
import { ArgsType, Directive, Field, ID, ObjectType } from "type-graphql";
import { type Observed } from "../../domain/mirror.js";
import { type PhoneNumber } from "../../domain/phone-number.js";
import { type Waba } from "../../domain/waba.js";
import { MirrorChangeType, TenantRef, toChanges } from "./shared.types.js";

const verificationWords = [
  "VERIFIED",
  "NOT_VERIFIED",
  "PENDING",
  "PENDING_NEED_MORE_INFO",
  "PENDING_SUBMISSION",
  "REJECTED",
  "REVOKED",
  "EXPIRED",
  "FAILED",
  "INELIGIBLE",
] as const;

const AccountReview = wordOf("AccountReview", accountReviewStatuses, "Meta's review of the account.");
const BusinessVerification = wordOf("BusinessVerification", verificationWords, "Meta's verification of the business.");
const NumberStatus = wordOf("PhoneNumberStatus", numberStatuses, "CONNECTED is needed to send.");
const QualityRating = wordOf("QualityRating", qualityScores, "How users take the number's messages.");
const NameStatus = wordOf("NameStatus", nameStatuses, "Meta's decision on the display name.");
const CodeVerification = wordOf(
  "CodeVerification",
  codeVerificationStatuses,
  "Whether Meta verified control of the number.",
);
const OfficialStatus = wordOf(
  "OfficialBusinessStatus",
  badgeStatuses,
  "Meta's word on the badge (Official Business Account).",
);

/** Meta's word as the mirror has it. */
const seen = <K extends string>(known: readonly K[], observed: Observed | undefined): Word<K> | null =>
  observed === undefined ? null : metaWord(known, observed.value);

@Directive('@key(fields: "id")')
@ObjectType("Waba", { description: "A client's WhatsApp Business Account, as Meta shows it." })
export class WabaType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => TenantRef, { nullable: true })
  tenant!: TenantRef | null;

  @Field(() => ID, { description: "Meta's id." })
  wabaId!: string;

  @Field(() => ID, { description: "Meta's id of the business portfolio that owns it." })
  metaBusinessId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { description: "ISO 4217; fixed when Meta created the account." })
  currency!: string;

  @Field(() => String, { description: "IANA name; Meta prices by the day in this zone." })
  timeZone!: string;

  @Field(() => AccountReview, { nullable: true })
  review!: InstanceType<typeof AccountReview> | null;

  @Field(() => BusinessVerification, { nullable: true })
  businessVerification!: InstanceType<typeof BusinessVerification> | null;

  @Field(() => ID, { nullable: true, description: "What pays for the account. Absent: it cannot send paid messages." })
  fundingId!: string | null;

  @Field(() => ID, { nullable: true, description: "The allocation of our credit line." })
  allocationConfigId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The latest event Meta reported on the account, in Meta's word.",
  })
  lastEvent!: string | null;

  @Field(() => DateTime)
  linkedAt!: Date;

  @Field(() => DateTime, { description: "When we last looked at Meta ourselves." })
  lastSyncedAt!: Date;

  @Field(() => [MirrorChangeType], { description: "What changed, newest first, the last hundred." })
  history!: MirrorChangeType[];
}
export const WabaConnection = connectionOf("Waba", WabaType);

@Directive('@key(fields: "id")')
@ObjectType("PhoneNumber", { description: "A business phone number, as Meta shows it." })
export class PhoneNumberType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => TenantRef, { nullable: true })
  tenant!: TenantRef | null;

  @Field(() => ID, { description: "Meta's id." })
  phoneNumberId!: string;

  @Field(() => String)
  displayPhoneNumber!: string;

  @Field(() => String, { nullable: true, description: "The name users see." })
  verifiedName!: string | null;

  @Field(() => NameStatus, { nullable: true })
  nameStatus!: InstanceType<typeof NameStatus> | null;

  @Field(() => CodeVerification, { nullable: true })
  codeVerification!: InstanceType<typeof CodeVerification> | null;

  @Field(() => NumberStatus, { nullable: true })
  status!: InstanceType<typeof NumberStatus> | null;

  @Field(() => QualityRating, { nullable: true })
  quality!: InstanceType<typeof QualityRating> | null;

  @Field(() => String, { nullable: true, description: "Meta's word: STANDARD (80 messages a second), HIGH (1,000)." })
  throughput!: string | null;

  @Field(() => String, { nullable: true, description: "Meta's word for the users that may be written to in 24 hours." })
  messagingLimit!: string | null;

  @Field(() => OfficialStatus, { nullable: true })
  badge!: InstanceType<typeof OfficialStatus> | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the number carries the badge." })
  official!: boolean | null;

  @Field(() => Boolean, {
    description: "Whether we registered it with a two-step PIN of ours. The PIN itself is never shown.",
  })
  pinSet!: boolean;

  @Field(() => DateTime, { nullable: true })
  registeredAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  firstInboundAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  liveSince!: Date | null;

  @Field(() => DateTime, { description: "When we last looked at Meta ourselves." })
  lastSyncedAt!: Date;

  @Field(() => [MirrorChangeType], { description: "What changed, newest first, the last hundred." })
  history!: MirrorChangeType[];

  wabaRecordId!: string;
}
export const PhoneNumberConnection = connectionOf("PhoneNumber", PhoneNumberType);

@ArgsType()
export class PhoneNumbersArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: "Only numbers of this account (Meta's id)." })
  wabaId?: string;

  @Field(() => ID, { nullable: true, description: "Only this number (Meta's id)." })
  phoneNumberId?: string;
}

@ArgsType()
export class WabasArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: "Only this account (Meta's id)." })
  wabaId?: string;
}

export const toWaba = ({ mirror, ...waba }: Waba): WabaType => ({
  id: waba.id,
  livemode: waba.livemode,
  tenant: { id: waba.tenantId },
  wabaId: waba.wabaId,
  metaBusinessId: waba.metaBusinessId,
  name: mirror.name?.value ?? "",
  currency: waba.currency,
  timeZone: waba.timeZone,
  review: seen(accountReviewStatuses, mirror.review),
  businessVerification: seen(verificationWords, mirror.businessVerification),
  fundingId: mirror.fundingId?.value ?? null,
  allocationConfigId: waba.allocationConfigId ?? null,
  lastEvent: mirror.accountEvent?.value ?? null,
  linkedAt: waba.linkedAt,
  lastSyncedAt: waba.lastSyncedAt,
  history: toChanges(waba.history),
});

const wordsOf = ({
  mirror,
}: PhoneNumber): Pick<PhoneNumberType, "nameStatus" | "codeVerification" | "status" | "quality" | "badge"> => ({
  nameStatus: seen(nameStatuses, mirror.nameStatus),
  codeVerification: seen(codeVerificationStatuses, mirror.codeVerification),
  status: seen(numberStatuses, mirror.status),
  quality: seen(qualityScores, mirror.quality),
  badge: seen(badgeStatuses, mirror.badge),
});

const textsOf = ({
  mirror,
  digits,
}: PhoneNumber): Pick<
  PhoneNumberType,
  "displayPhoneNumber" | "verifiedName" | "throughput" | "messagingLimit" | "official"
> => ({
  displayPhoneNumber: mirror.displayPhoneNumber?.value ?? `+${digits}`,
  verifiedName: mirror.verifiedName?.value ?? null,
  throughput: mirror.throughput?.value ?? null,
  messagingLimit: mirror.messagingLimit?.value ?? null,
  official: mirror.official === undefined ? null : mirror.official.value === "true",
});

export const toPhoneNumber = (number: PhoneNumber): PhoneNumberType => ({
  ...wordsOf(number),
  ...textsOf(number),
  id: number.id,
  livemode: number.livemode,
  tenant: { id: number.tenantId },
  phoneNumberId: number.phoneNumberId,
  pinSet: number.sealedPin !== undefined && number.registeredAt !== undefined,
  registeredAt: number.registeredAt ?? null,
  firstInboundAt: number.firstInboundAt ?? null,
  liveSince: number.liveSince ?? null,
  lastSyncedAt: number.lastSyncedAt,
  history: toChanges(number.history),
  wabaRecordId: number.wabaRecordId,
});
