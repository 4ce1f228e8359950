import "reflect-metadata";
import { PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { type TemplateStatus } from "../../domain/template.js";
import { TemplateContentInput } from "./content.types.js";
import { ReviewDecisionEnum, TemplateStatusEnum, TemplateType } from "./template.types.js";

@ArgsType()
export class TemplatesArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: "Meta's id of an account." })
  wabaId?: string | null;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  language?: string | null;

  @Field(() => TemplateStatusEnum, { nullable: true })
  status?: TemplateStatus | null;
}

@InputType({ description: "A template to draft in the caller's tenant." })
export class DraftTemplateInput {
  @Field(() => ID, { description: "Meta's id of an account of the caller's tenant." })
  wabaId!: string;

  @Field(() => String, {
    description: "Lower case letters, digits and underscores. The same name in several languages makes a family.",
  })
  name!: string;

  @Field(() => String, { description: "Meta's code with an underscore, e.g. `es_CO`." })
  language!: string;

  @Field(() => TemplateContentInput)
  content!: TemplateContentInput;

  @Field(() => String, { nullable: true, description: "The same key with the same input drafts once." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Other words for a template that Meta does not have yet." })
export class ReviseTemplateInput {
  @Field(() => ID)
  templateId!: string;

  @Field(() => TemplateContentInput)
  content!: TemplateContentInput;
}

@InputType({ description: "Which template." })
export class TemplateInput {
  @Field(() => ID)
  templateId!: string;
}

@InputType({ description: "A reviewer's decision." })
export class DecideTemplateReviewInput {
  @Field(() => ID)
  templateId!: string;

  @Field(() => ReviewDecisionEnum)
  decision!: "approved" | "refused";

  @Field(() => String, { nullable: true, description: "The client reads it; needed for a refusal." })
  reason?: string | null;
}

@ObjectType({ description: "The template as it is now." })
export class TemplatePayload {
  @Field(() => TemplateType)
  template!: TemplateType;
}
