import "reflect-metadata";
import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type Template } from "../../domain/template.js";
import { type CheckTemplate } from "../../usecases/check-template.js";
import { type DraftTemplate, type ReviseTemplate } from "../../usecases/draft-template.js";
import { type ListTemplates, type ReadTemplates, type WabaOf } from "../../usecases/read-templates.js";
import { type DecideTemplateReview, type SendTemplateToReview } from "../../usecases/review-template.js";
import { contentOf, given } from "./content.js";
import {
  DecideTemplateReviewInput,
  DraftTemplateInput,
  ReviseTemplateInput,
  TemplateInput,
  TemplatePayload,
  TemplatesArgs,
} from "./inputs.js";
import { TemplateConnection, TemplateType, WabaRef } from "./template.types.js";
import { toTemplate } from "./to-template.js";

export interface TemplateUseCases {
  readonly readTemplates: ReadTemplates;
  readonly listTemplates: ListTemplates;
  readonly wabaOf: WabaOf;
  readonly draftTemplate: DraftTemplate;
  readonly reviseTemplate: ReviseTemplate;
  readonly checkTemplate: CheckTemplate;
  readonly sendTemplateToReview: SendTemplateToReview;
  readonly decideTemplateReview: DecideTemplateReview;
}

const payload = async (template: Promise<Template>): Promise<TemplatePayload> => ({
  template: toTemplate(await template),
});

@Resolver(() => TemplateType)
export class TemplateResolver {
  constructor(private readonly use: TemplateUseCases) {}

  @Requires("template:read")
  @Query(() => TemplateType, {
    nullable: true,
    description: "A template in the caller's sight; null when there is none of that id.",
  })
  async template(@Ctx() call: Call, @Arg("id", () => ID) id: string): Promise<TemplateType | null> {
    const [template] = await this.use.readTemplates(call, [id]);
    return template === undefined ? null : toTemplate(template);
  }

  @Requires("template:read")
  @Query(() => TemplateConnection, { description: "Newest first; for staff also those of all tenants below theirs." })
  async templates(@Ctx() call: Call, @Args() args: TemplatesArgs): Promise<Connection<TemplateType>> {
    const { wabaId, name, language, status } = args;
    const filter = given({ wabaId, name, language, status });
    return toConnection(await this.use.listTemplates(call, pageOf(args), filter), toTemplate);
  }

  @Requires("template:read")
  @FieldResolver(() => TemplateConnection, {
    description: "All languages of this name in this account, this one included.",
  })
  async family(
    @Ctx() call: Call,
    @Root() template: TemplateType,
    @Args() page: PageArgs,
  ): Promise<Connection<TemplateType>> {
    const { wabaId, name } = template;
    return toConnection(await this.use.listTemplates(call, pageOf(page), { wabaId, name }), toTemplate);
  }

  @Requires("template:read")
  @FieldResolver(() => WabaRef, { nullable: true, description: "The account; null until onboarding has told of it." })
  async waba(@Ctx() call: Call, @Root() template: TemplateType): Promise<WabaRef | null> {
    const waba = await this.use.wabaOf(call, template.wabaId);
    return waba === undefined ? null : { id: waba.recordId };
  }

  @Requires("template:write")
  @Mutation(() => TemplatePayload, {
    description:
      "Drafts a template. Fails with NOT_FOUND/waba_not_found, CONFLICT/template_exists, CONFLICT/idempotency_mismatch.",
  })
  draftTemplate(@Ctx() call: Call, @Arg("input") input: DraftTemplateInput): Promise<TemplatePayload> {
    const { wabaId, name, language, content, idempotencyKey } = input;
    const once = { ...call, ...given({ idempotencyKey }) };
    return payload(this.use.draftTemplate(once, { wabaId, content: { name, language, ...contentOf(content) } }));
  }

  @Requires("template:write")
  @Mutation(() => TemplatePayload, {
    description:
      "Replaces the words of a template that Meta does not have; it has to be checked again. Fails with CONFLICT/template_transition_not_allowed.",
  })
  reviseTemplate(@Ctx() call: Call, @Arg("input") input: ReviseTemplateInput): Promise<TemplatePayload> {
    return payload(this.use.reviseTemplate(call, { templateId: input.templateId, content: contentOf(input.content) }));
  }

  @Requires("template:write")
  @Mutation(() => TemplatePayload, {
    description:
      "Compares a draft with Meta's rules and keeps the findings. CHECKED when Meta would take it, else DRAFT. Fails with CONFLICT/template_transition_not_allowed.",
  })
  checkTemplate(@Ctx() call: Call, @Arg("input") input: TemplateInput): Promise<TemplatePayload> {
    return payload(this.use.checkTemplate(call, input.templateId));
  }

  @Requires("template:submit")
  @Mutation(() => TemplatePayload, {
    description:
      "Hands a checked template to the provider's reviewers; safe to repeat. Fails with CONFLICT/template_not_checked, CONFLICT/template_under_review.",
  })
  sendTemplateToReview(@Ctx() call: Call, @Arg("input") input: TemplateInput): Promise<TemplatePayload> {
    return payload(this.use.sendTemplateToReview(call, input.templateId));
  }

  @Requires("template:review")
  @Mutation(() => TemplatePayload, {
    description:
      "Approved: it is submitted to Meta. Refused: it is a draft again, with the reason. Fails with CONFLICT/template_not_in_review, BAD_USER_INPUT/invalid_input.",
  })
  decideTemplateReview(@Ctx() call: Call, @Arg("input") input: DecideTemplateReviewInput): Promise<TemplatePayload> {
    const { templateId, decision, reason } = input;
    return payload(this.use.decideTemplateReview(call, { templateId, decision, reason: reason ?? "" }));
  }
}
