import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type Consent, type ConsentPurpose, type ConsentStep } from "../../domain/consent.js";

const purposes = {
  MARKETING: "marketing",
  UTILITY: "utility",
  AUTHENTICATION: "authentication",
  SERVICE: "service",
} as const;
const statuses = { GRANTED: "granted", WITHDRAWN: "withdrawn" } as const;
registerEnumType(purposes, {
  name: "ConsentPurpose",
  description: "What a contact agreed to be written about; Meta's template categories, and answers in a conversation.",
});
registerEnumType(statuses, { name: "ConsentStatus", description: "The contact's latest word." });

@InputType({ description: "A contact: by number, by business-scoped user id, or both." })
export class ContactIdentityInput {
  @Field(() => String, { nullable: true, description: "E.164, e.g. `+573005550123`." })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "Meta's business-scoped user id." })
  userId?: string | null;
}

@ObjectType("ConsentStep", {
  description: "One thing a contact said, with its evidence. Steps are added, never changed.",
})
export class ConsentStepType {
  @Field(() => statuses)
  what!: ConsentStep["what"];

  @Field(() => DateTime, { description: "When the contact said so." })
  at!: Date;

  @Field(() => DateTime, { description: "When it was noted here." })
  recordedAt!: Date;

  @Field(() => String, { description: "Where the contact said so." })
  source!: string;

  @Field(() => String, { nullable: true, description: "BCP 47: in which the contact was asked." })
  language?: string;

  @Field(() => String, { nullable: true, description: "The wording the contact agreed to." })
  proofText?: string;

  @Field(() => String, { nullable: true })
  proofUrl?: string;

  @Field(() => ID, { description: "Who noted it." })
  by!: string;
}

@ObjectType("Consent", { description: "What one contact agreed to for one purpose, with its whole history." })
export class ConsentType {
  @Field(() => ID)
  id!: string;

  @Field(() => purposes)
  purpose!: ConsentPurpose;

  @Field(() => String, { description: "Enough to recognise the contact, too little to call: `+57…23`." })
  contactHint!: string;

  @Field(() => statuses)
  status!: Consent["status"];

  @Field(() => DateTime, { description: "Since when it has that status." })
  since!: Date;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  consent!: Consent;
}
export const ConsentConnection = connectionOf("Consent", ConsentType);

@ObjectType("ConsentAnswer", {
  description: "Whether a contact may be written to for a purpose, and on which evidence.",
})
export class ConsentAnswerType {
  @Field(() => Boolean, { description: "True when the contact's latest word is an agreement." })
  granted!: boolean;

  @Field(() => ConsentType, { nullable: true, description: "Null when the contact never said anything." })
  consent!: ConsentType | null;
}

@ArgsType()
export class ConsentsArgs extends PageArgs {
  @Field(() => ContactIdentityInput, { nullable: true })
  identity?: ContactIdentityInput | null;

  @Field(() => purposes, { nullable: true })
  purpose?: ConsentPurpose | null;

  @Field(() => statuses, { nullable: true })
  status?: Consent["status"] | null;
}

@ArgsType()
export class ConsentOfArgs {
  @Field(() => ContactIdentityInput)
  identity!: ContactIdentityInput;

  @Field(() => purposes)
  purpose!: ConsentPurpose;
}

@InputType({ description: "Evidence of what a contact said." })
export class ConsentInputType {
  @Field(() => ContactIdentityInput)
  identity!: ContactIdentityInput;

  @Field(() => purposes)
  purpose!: ConsentPurpose;

  @Field(() => String, { description: "Where the contact said so, e.g. `web-form/checkout`." })
  source!: string;

  @Field(() => DateTime, { nullable: true, description: "When the contact said so. Default: now." })
  obtainedAt?: Date | null;

  @Field(() => String, { nullable: true, description: "BCP 47: in which the contact was asked." })
  language?: string | null;

  @Field(() => String, { nullable: true, description: "The wording." })
  proofText?: string | null;

  @Field(() => String, { nullable: true, description: "Where the proof lies; https." })
  proofUrl?: string | null;
}

@InputType({
  description:
    "A file of agreements: a headline with phone, business_user_id, purpose, source, obtained_at, language, proof_text, proof_url; one contact a row; 2,000 rows at most.",
})
export class ImportConsentsInput {
  @Field(() => String, { description: "CSV as in RFC 4180, UTF-8." })
  csv!: string;
}

@ObjectType({ description: "The consent as it stands now." })
export class ConsentPayload {
  @Field(() => ConsentType)
  consent!: ConsentType;
}

@ObjectType("ConsentRowProblem", { description: "Why one row was not read." })
export class ConsentRowProblemType {
  @Field(() => Int, { description: "Line of the file, from one." })
  line!: number;

  @Field(() => String, { nullable: true })
  column?: string;

  @Field(() => String)
  problem!: string;
}

@ObjectType({ description: "What became of a file. The same file again changes nothing." })
export class ImportConsentsPayload {
  @Field(() => Int)
  rows!: number;

  @Field(() => Int)
  recorded!: number;

  @Field(() => Int, { description: "Rows whose evidence was known already." })
  unchanged!: number;

  @Field(() => [ConsentRowProblemType])
  problems!: ConsentRowProblemType[];
}

export const toConsent = (consent: Consent): ConsentType => {
  const { id, purpose, hint, status, since, livemode } = consent;
  return { id, purpose, contactHint: hint, status, since, livemode, consent };
};
