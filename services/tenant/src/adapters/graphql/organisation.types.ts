import "reflect-metadata";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type RetentionRule } from "../../domain/retention.js";
import { type Contact } from "../../domain/tenant-settings.js";
import { ContactPurposeEnum, TenantContactType } from "./types.js";

const retentionStarts = { RECEIPT: "receipt", CLOSING: "closing", BOOKING: "booking", ANSWER: "answer" } as const;
registerEnumType(retentionStarts, { name: "RetentionStart", description: "From when a period runs." });

@ObjectType("RetentionRule", { description: "How long one kind of data is kept, and why." })
export class RetentionRuleType {
  @Field(() => String)
  kind!: string;

  @Field(() => Int)
  days!: number;

  @Field(() => retentionStarts)
  from!: RetentionRule["from"];

  @Field(() => String, { description: "The service that holds it." })
  holder!: string;

  @Field(() => Boolean, { description: "Whether it names people. What does not stays for the books." })
  personal!: boolean;

  @Field(() => String)
  why!: string;
}

@ObjectType("SettingOrigin", { description: "Where a setting's value stands." })
export class SettingOriginType {
  @Field(() => ID, { description: "The tenant whose value it is." })
  tenantId!: string;

  @Field(() => Boolean, { description: "True when it is taken from the tenant above." })
  inherited!: boolean;
}

@ObjectType("TextSetting", { description: "A setting and where it comes from." })
export class TextSettingType {
  @Field(() => String)
  value!: string;

  @Field(() => SettingOriginType)
  origin!: SettingOriginType;
}

@ObjectType("LanguagesSetting", { description: "Languages and where they come from." })
export class LanguagesSettingType {
  @Field(() => [String])
  value!: readonly string[];

  @Field(() => SettingOriginType)
  origin!: SettingOriginType;
}

@ObjectType("ContactsSetting", { description: "Contacts and where they come from." })
export class ContactsSettingType {
  @Field(() => [TenantContactType])
  value!: readonly Contact[];

  @Field(() => SettingOriginType)
  origin!: SettingOriginType;
}

@ObjectType("EffectiveSettings", { description: "The settings in force, each with the tenant it comes from." })
export class EffectiveSettingsType {
  @Field(() => TextSettingType)
  legalName!: TextSettingType;

  @Field(() => TextSettingType)
  country!: TextSettingType;

  @Field(() => TextSettingType)
  currency!: TextSettingType;

  @Field(() => TextSettingType)
  timeZone!: TextSettingType;

  @Field(() => LanguagesSettingType)
  languages!: LanguagesSettingType;

  @Field(() => ContactsSettingType)
  contacts!: ContactsSettingType;
}

@InputType({ description: "Where letters reach the business." })
export class PostalAddressInput {
  @Field(() => [String], { description: "Street and number first; at most four." })
  lines!: string[];

  @Field(() => String)
  city!: string;

  @Field(() => String, { nullable: true })
  region?: string | null;

  @Field(() => String, { nullable: true })
  postalCode?: string | null;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;
}

@InputType({ description: "A number under which tax authorities know the business." })
export class TaxIdInput {
  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => String, { description: "As its country calls it, e.g. `nit`, `vat`, `gstin`." })
  kind!: string;

  @Field(() => String)
  value!: string;
}

@InputType({ description: "Whom to reach for a purpose, by e-mail, by phone, or both." })
export class TenantContactInput {
  @Field(() => ContactPurposeEnum)
  purpose!: Contact["purpose"];

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "International form, or national form of the tenant's country." })
  phone?: string | null;
}

@InputType({
  description:
    "New settings. What is left out stays; null returns a branch's setting to what it inherits, and removes an address. Lists replace the list before.",
})
export class UpdateTenantSettingsInput {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String, { nullable: true })
  legalName?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 3166-1 alpha-2." })
  country?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217." })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: "IANA name." })
  timeZone?: string | null;

  @Field(() => [String], { nullable: true, description: "BCP 47, preferred first." })
  languages?: string[] | null;

  @Field(() => [TenantContactInput], { nullable: true })
  contacts?: TenantContactInput[] | null;

  @Field(() => PostalAddressInput, { nullable: true })
  address?: PostalAddressInput | null;

  @Field(() => [TaxIdInput], { nullable: true })
  taxIds?: TaxIdInput[] | null;
}

@InputType({ description: "A live client." })
export class SandboxTwinInput {
  @Field(() => ID)
  tenantId!: string;
}

@InputType({ description: "Which tenant, and why; the reason stands in the audit trail." })
export class LegalHoldInput {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String)
  reason!: string;
}
