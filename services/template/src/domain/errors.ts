import { AppError } from "@greentick/kernel";

/** Everything that can go wrong here on one screen: code says what to do, reason is the stable word for machines. */
export const templateErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "template_not_found", `There is no template ${id} here.`, { templateId: id }),
  wabaNotFound: (wabaId: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "waba_not_found",
      `No WhatsApp Business Account ${wabaId} is linked to this business. Finish its signup, or choose one that is linked.`,
      { wabaId },
    ),
  exists: (): AppError =>
    new AppError(
      "CONFLICT",
      "template_exists",
      "This account has a template of this name and language already. Choose another name, or another language of the same name.",
    ),
  transitionNotAllowed: (id: string, status: string, verb: string): AppError =>
    new AppError(
      "CONFLICT",
      "template_transition_not_allowed",
      `The template ${id} is ${status}; to ${verb} it is not possible from there.`,
      { templateId: id, status, verb },
    ),
  underReview: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "template_under_review",
      `The template ${id} is under review already. Wait for the decision.`,
      { templateId: id },
    ),
  notChecked: (id: string, problems: readonly string[]): AppError =>
    new AppError(
      "CONFLICT",
      "template_not_checked",
      problems.length === 0
        ? `The template ${id} has not been checked. Check it first.`
        : `Meta would refuse the template ${id}. Put right what the check found, then check it again.`,
      { templateId: id, problems },
    ),
  notInReview: (id: string, status: string): AppError =>
    new AppError("CONFLICT", "template_not_in_review", `The template ${id} is ${status}: there is nothing to decide.`, {
      templateId: id,
      status,
    }),
  withoutContent: (id: string): AppError =>
    new AppError(
      "CONFLICT",
      "template_not_ours",
      `The template ${id} was made at Meta directly; its content is not kept here. Draft it here under another name.`,
      { templateId: id },
    ),
  unnamedReport: (metaTemplateId: string): AppError =>
    new AppError(
      "NOT_FOUND",
      "template_not_found",
      `Meta reported on a template ${metaTemplateId} that is not known here and did not say its name.`,
      { metaTemplateId },
    ),
  metaAway: (cause: unknown): AppError =>
    new AppError(
      "PROVIDER_UNAVAILABLE",
      "meta_unavailable",
      "Meta cannot be reached or asks to slow down. It is tried again.",
      {},
      { cause },
    ),
  sandboxNotConfigured: (): AppError =>
    new AppError(
      "PROVIDER_UNAVAILABLE",
      "sandbox_not_configured",
      "This platform has no Meta for sandbox tenants: set META_SANDBOX_GRAPH_URL to the address of a local one.",
    ),
};
