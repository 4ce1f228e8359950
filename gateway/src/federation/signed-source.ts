import { type GraphQLDataSource } from "@apollo/gateway";
import { type CallSecret, signCall, signedCallHeader, type SignedCall } from "@greentick/graphql";
import { AppError, type Call, type Clock } from "@greentick/kernel";

/** A call that still knows what it was made from, so that it can be told to a service in another process. */
export interface SignableCall extends Call {
  readonly signable: SignedCall;
}

export interface SourceParts {
  readonly service: string;
  /** Where the service listens, without a path. */
  readonly url: string;
  readonly secret: CallSecret;
  readonly now: Clock;
  readonly timeoutMs: number;
}

/** One service elsewhere, asked over HTTP with a signature over who asks and over the exact bytes of the question. */
export const signedSource = (parts: SourceParts): GraphQLDataSource<Record<string, unknown>> => ({
  process: async ({ request, context }) => {
    const { query, variables, operationName } = request;
    const body = JSON.stringify({ query, variables, operationName });
    const { signable } = context as unknown as SignableCall;
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      "x-request-id": signable.facts.requestId,
      [signedCallHeader]: signCall(signable, { ...parts, body }),
    };
    const signal = AbortSignal.timeout(parts.timeoutMs);
    try {
      const response = await fetch(new URL("/graphql", parts.url), { method: "POST", headers, body, signal });
      return (await response.json()) as Awaited<ReturnType<GraphQLDataSource["process"]>>;
    } catch (cause) {
      throw unreachable(parts.service, cause);
    }
  },
});

const unreachable = (service: string, cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "service_unavailable",
    `The ${service} service does not answer at the moment. Nothing is lost; try again in a few seconds.`,
    { service },
    { cause },
  );
