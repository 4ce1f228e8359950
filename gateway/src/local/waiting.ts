import { ask, type Target } from "../story/target.js";

/** Work that waits for one of the people. */
export interface WaitingWork {
  /** For the reviewers. */
  readonly templates: readonly string[];
  /** Numbers that wait for the code Meta sent them. */
  readonly codes: readonly { readonly caseId: string; readonly displayName: string; readonly codeUrl: string }[];
}

interface Answer {
  readonly templates: { readonly nodes: readonly { readonly name: string }[] };
  readonly signupCases: {
    readonly nodes: readonly {
      readonly id: string;
      readonly displayName: string;
      readonly phoneNumberId: string | null;
    }[];
  };
}

const document = `query Waiting {
  templates(first: 3, status: IN_BSP_REVIEW) { nodes { name } }
  signupCases(first: 3, waitingOn: CLIENT) { nodes { id displayName phoneNumberId } }
}`;

/** What a person could do first, of the newest few. */
export async function findWaiting(target: Target): Promise<WaitingWork> {
  const { templates, signupCases } = await ask<Answer>(target, target.tokens.platform_admin, document);
  return {
    templates: templates.nodes.map(({ name }) => name),
    codes: signupCases.nodes.flatMap(({ id, displayName, phoneNumberId }) =>
      phoneNumberId === null
        ? []
        : [{ caseId: id, displayName, codeUrl: `${target.metaUrl}/_sim/phone-numbers/${phoneNumberId}/code` }],
    ),
  };
}
