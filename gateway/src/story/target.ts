/** A running platform as a story sees it: addresses and tokens, nothing of its inside. Works for one process and for many. */
export interface Target {
  /** `…/graphql`. */
  readonly graphqlUrl: string;
  /** The local Meta. */
  readonly metaUrl: string;
  /** The local Stripe. */
  readonly stripeUrl: string;
  /** Access tokens by role: the provider's staff. */
  readonly tokens: Readonly<Record<StaffRole, string>>;
  /** Moves business time everywhere: the platform, then the local Meta, then the local Stripe, coming to rest after each. */
  readonly moveClock: (to: Date | "system", meta?: (to: Date) => Promise<void>) => Promise<void>;
  /** Resolves when nothing moves any more. */
  readonly settle: () => Promise<void>;
}

export type StaffRole = "platform_admin" | "onboarding_agent" | "template_reviewer" | "billing_admin" | "auditor";

/** A GraphQL request that was refused. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly operation: string,
    readonly errors: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[],
  ) {
    super(`${operation}: ${errors.map((one) => `${one.message} ${JSON.stringify(one.extensions ?? {})}`).join("; ")}`);
  }
}

const operationName = (document: string): string => /(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? "operation";

/** Asks the GraphQL API. @throws RefusedError with everything the API said. */
export async function ask<T>(
  target: Pick<Target, "graphqlUrl">,
  token: string,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const response = await fetch(target.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables }),
  });
  const answer = (await response.json()) as { data?: T; errors?: RefusedError["errors"] };
  if (answer.errors !== undefined || answer.data === undefined)
    throw new RefusedError(operationName(document), answer.errors ?? [{ message: `HTTP ${String(response.status)}` }]);
  return answer.data;
}

/** Asks a simulator's control. @throws Error with the simulator's words. */
export async function control<T>(url: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}/_sim/${path}`, {
    ...(body !== undefined && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The simulator refused ${path}: HTTP ${String(response.status)} ${text}`);
  return JSON.parse(text) as T;
}
