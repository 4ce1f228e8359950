import { type AskOidc, type OidcAnswer, type OidcQuestion } from "@greentick/contracts";
import { visitorClaims } from "@greentick/graphql";
import { AppError, type Call } from "@greentick/kernel";
import { type CallFactory } from "@greentick/runtime";
import { type OidcCallback, type OidcStart } from "../../usecases/people/oidc.js";

export interface OidcDoorParts {
  readonly calls: CallFactory;
  readonly start: (call: Call) => Promise<OidcStart>;
  readonly finish: (call: Call, callback: OidcCallback) => Promise<string>;
  /** The page that takes the ticket. */
  readonly returnUrl: string;
  readonly secure: boolean;
}

/** What the gateway asks for a browser that goes to the identity provider or comes back from it. Refusals are answers: they cross processes, too. */
export const oidcDoor =
  (parts: OidcDoorParts): AskOidc =>
  async (question) => {
    try {
      return await answered(parts, question);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { step: "refused", code: error.code, reason: error.reason, message: error.message };
    }
  };

/** Where no identity provider is configured. */
export const noOidcDoor: AskOidc = ({ step }) =>
  Promise.resolve(
    step === "look"
      ? { step, offered: false }
      : {
          step: "refused",
          code: "NOT_FOUND",
          reason: "no_identity_provider",
          message: "Nobody signs in through an identity provider here. Use your e-mail address and password.",
        },
  );

async function answered(parts: OidcDoorParts, question: OidcQuestion): Promise<OidcAnswer> {
  const { returnUrl, secure } = parts;
  if (question.step === "look") return { step: "look", offered: true };
  const call = visitorOf(parts, question.from);
  if (question.step === "start") return { step: "start", secure, ...(await parts.start(call)) };
  const { url, browserKey } = question;
  const state = new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("state") ?? "";
  return { step: "finish", ticket: await parts.finish(call, { url, state, browserKey }), returnUrl, secure };
}

const visitorOf = ({ calls }: OidcDoorParts, from: Exclude<OidcQuestion, { step: "look" }>["from"]): Call =>
  calls.fromClaims(visitorClaims, {
    requestId: from.requestId,
    ...(from.ip !== undefined && { ip: from.ip }),
    ...(from.userAgent !== undefined && { userAgent: from.userAgent }),
  });
