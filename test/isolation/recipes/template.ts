import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

const draftDocument = `mutation Draft($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }`;
const checkDocument = `mutation Check($input: TemplateInput!) { checkTemplate(input: $input) { template { status } } }`;
const sendDocument = `mutation Send($input: TemplateInput!) { sendTemplateToReview(input: $input) { template { status } } }`;

const content = { category: "UTILITY", body: { text: "Su mesa está lista." } } as const;

/** Templates: each state that a mutation starts from is brought about with a draft of its own. */
export function templateRecipes(making: Making): Recipes {
  const as = asking(making);
  const newDraft = (side: SideName): Readonly<Record<string, unknown>> => {
    const number = counted(side, "template");
    return {
      wabaId: making.sides[side].wabaIds[0],
      name: `mesa_${number}`,
      language: "es_CO",
      content,
      idempotencyKey: `draft:${number}`,
    };
  };
  const drafted = async (side: SideName): Promise<string> =>
    (await as<{ draftTemplate: { template: { id: string } } }>(side, "owner", draftDocument, { input: newDraft(side) }))
      .draftTemplate.template.id;
  const checked = async (side: SideName): Promise<string> => {
    const templateId = await drafted(side);
    await as(side, "owner", checkDocument, { input: { templateId } });
    return templateId;
  };
  const sent = async (side: SideName): Promise<string> => {
    const templateId = await checked(side);
    await as(side, "owner", sendDocument, { input: { templateId } });
    return templateId;
  };
  return {
    draftTemplate: plainly("owner", newDraft),
    reviseTemplate: recipe("owner", async (side) => ({ templateId: await drafted(side), content })),
    checkTemplate: recipe("owner", async (side) => ({ templateId: await drafted(side) })),
    sendTemplateToReview: recipe("owner", async (side) => ({ templateId: await checked(side) })),
    decideTemplateReview: recipe("visiting_staff", async (side) => ({
      templateId: await sent(side),
      decision: "REFUSED",
      reason: "Too short",
    })),
  };
}
