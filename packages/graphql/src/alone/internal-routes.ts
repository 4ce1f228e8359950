import { type Clock, visitorTenantId } from "@greentick/kernel";
import { type CallClaims, replyJson, requestIdOf, type Route, type Service } from "@greentick/runtime";
import { type CallSecret, signCall, signedCallHeader, verifyCall } from "../signed-call/signed-call.js";

/** The gateway itself, when it asks for its own sake and for no caller's. */
const gatewayClaims: CallClaims = {
  actor: { kind: "service", id: "gateway" },
  tenantId: visitorTenantId,
  ancestorIds: [],
  livemode: true,
  staff: false,
  roles: ["service"],
};

interface Signing {
  readonly secret: CallSecret;
  readonly now: Clock;
}

/** What a service tells the gateway alone, behind the gateway's own signature over the exact bytes of the question. */
export const internalRoutes = (
  { name, internal = [] }: Pick<Service, "name" | "internal">,
  { secret, now }: Signing,
): readonly Route[] =>
  internal.map(({ path, answer }) => ({
    method: "POST",
    path,
    maxBytes: 10_000,
    handle: async (req, res, rawBody) => {
      const header = req.headers[signedCallHeader];
      if (!isGateway(typeof header === "string" ? header : undefined, rawBody, { secret, now, service: name })) {
        replyJson(res, 401, {
          error: { code: "UNAUTHENTICATED", reason: "call_not_signed", requestId: requestIdOf(res) },
        });
        return;
      }
      replyJson(res, 200, await answer(JSON.parse(rawBody.toString("utf8"))));
    },
  }));

function isGateway(header: string | undefined, body: Buffer, parts: Signing & { readonly service: string }): boolean {
  try {
    const { actor } = verifyCall(header, body, parts).claims;
    return actor.kind === "service" && actor.id === "gateway";
  } catch {
    return false;
  }
}

export interface InternalQuestion extends Signing {
  readonly service: string;
  /** Where the service listens, without a path. */
  readonly url: string;
  readonly path: string;
  readonly timeoutMs: number;
}

/** Asks a service in another process as the gateway. @throws Error when it does not answer with 200 in time. */
export async function askInternally(question: unknown, to: InternalQuestion): Promise<unknown> {
  const body = JSON.stringify(question);
  const signed = signCall({ claims: gatewayClaims, facts: { requestId: "gateway" } }, { ...to, body });
  const response = await fetch(new URL(to.path, to.url), {
    method: "POST",
    headers: { "content-type": "application/json", [signedCallHeader]: signed },
    body,
    signal: AbortSignal.timeout(to.timeoutMs),
  });
  if (!response.ok) throw new Error(`${to.path} of ${to.service} answered ${response.status}`);
  return response.json();
}
