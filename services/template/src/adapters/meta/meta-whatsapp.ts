import { type Call } from "@greentick/kernel";
import { type MetaClient, MetaError } from "@greentick/meta";
import { templateErrors } from "../../domain/errors.js";
import { type KnownAtMeta, type Template } from "../../domain/template.js";
import { parameterFormatOf } from "../../domain/variables.js";
import { type RefusedByMeta, type Whatsapp } from "../../ports.js";
import { bodyTextOf, componentsOf } from "./components.js";

/** One Meta and the provider's token for it: Meta lets it manage the accounts that are shared with the provider. */
export interface MetaAccess {
  readonly client: Pick<MetaClient, "findTemplate" | "createTemplate">;
  readonly systemToken: string;
}

/** Meta's subcode for "this name has content in this language already" (Meta: template management, error codes). */
const existsSubcode = 2388024;

/** What a later try may mend is thrown; what it cannot mend is Meta's answer. */
function refusalOf(error: unknown): RefusedByMeta {
  if (!(error instanceof MetaError)) throw error;
  const passing = error.retryClass === "transient" || error.retryClass === "throttle" || error.mayHaveHappened;
  if (passing) throw templateErrors.metaAway(error);
  const words = [error.userTitle, error.userMessage].filter((part) => part !== null).join(": ");
  const code = [error.code, error.subcode].filter((part) => part !== null).join("/");
  return {
    refused: { code: code === "" ? "no_code" : code, message: words === "" ? error.message : words },
    exists: error.subcode === existsSubcode,
  };
}

/** Templates at Meta over the Graph client: live tenants at Meta itself, sandbox tenants at a local one. */
export function metaWhatsapp(live: MetaAccess, sandbox: MetaAccess | undefined): Whatsapp {
  const accessOf = (call: Call): MetaAccess => {
    const access = call.livemode ? live : sandbox;
    if (access === undefined) throw templateErrors.sandboxNotConfigured();
    return access;
  };
  return {
    find: async (call, { wabaId, name, language }) => {
      const { client, systemToken } = accessOf(call);
      try {
        const found = await client.findTemplate(systemToken, { wabaId, name, language });
        if (found === undefined) return undefined;
        const bodyText = bodyTextOf(found.components);
        const known = { metaTemplateId: found.id, status: found.status, category: found.category };
        return bodyText === undefined ? known : { ...known, bodyText };
      } catch (error) {
        return refusalOf(error);
      }
    },
    create: (call, template) => created(accessOf(call), template).catch(refusalOf),
  };
}

async function created({ client, systemToken }: MetaAccess, template: Template): Promise<KnownAtMeta> {
  const { wabaId, content } = template;
  if (content === undefined) throw templateErrors.withoutContent(template.id);
  const parameterFormat = parameterFormatOf(content);
  const { id, status, category } = await client.createTemplate(systemToken, {
    wabaId,
    name: content.name,
    language: content.language,
    category: content.category,
    components: componentsOf(content),
    ...(parameterFormat !== undefined && { parameterFormat }),
  });
  return { metaTemplateId: id, status, category };
}
