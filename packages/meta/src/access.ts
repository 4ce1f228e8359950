import { z } from "zod";
import { MetaError } from "./errors.js";
import { type Graph, type MetaClientOptions } from "./graph.js";
import { metaId, present, success, unixSeconds } from "./replies.js";

export interface TokenFacts {
  readonly isValid: boolean;
  readonly appId: string;
  readonly userId?: string;
  /** Absent for a token that does not expire. */
  readonly expiresAt?: Date;
  readonly scopes: readonly string[];
  /** Accounts named by the token's granular scopes, newest first; often empty although the token is good. */
  readonly wabaIds: readonly string[];
}

export interface AppWebhook {
  readonly callbackUrl: string;
  readonly verifyToken: string;
  readonly fields: readonly string[];
}

export interface AccessCalls {
  /**
   * Turns the code of Embedded Signup into the client's business token. A code lives 30 seconds and works once, so the call is
   * tried once. @throws MetaError class `config` (code 100) for a used or expired code.
   */
  readonly exchangeCode: (code: string) => Promise<{ readonly token: string }>;
  /** What a token may do. Safe to repeat. */
  readonly debugToken: (token: string) => Promise<TokenFacts>;
  /** Names the app's one webhook address; Meta checks it by a GET while this call is open. Safe to repeat. */
  readonly setAppWebhook: (webhook: AppWebhook) => Promise<void>;
  /** The token of the app itself, for `debugToken` and `setAppWebhook`. */
  readonly appToken: string;
}

const codeReply = z.object({ access_token: z.string().min(1) });
const debugReply = z.object({
  data: z.object({
    is_valid: z.boolean().default(false),
    app_id: metaId.optional(),
    user_id: metaId.optional(),
    expires_at: unixSeconds.optional(),
    scopes: z.array(z.string()).default([]),
    granular_scopes: z.array(z.object({ scope: z.string(), target_ids: z.array(metaId).default([]) })).default([]),
  }),
});

export function accessCalls(graph: Graph, options: MetaClientOptions): AccessCalls {
  const appToken = `${options.appId}|${options.appSecret}`;
  return {
    appToken,
    exchangeCode: async (code) => exchange(graph, options, code),
    debugToken: async (token) => factsOf(await graph(debugRequest(appToken, token)), options.appId),
    setAppWebhook: async ({ callbackUrl, verifyToken, fields }) => {
      await graph({
        method: "POST",
        route: "/{app}/subscriptions",
        ids: [options.appId],
        token: appToken,
        params: {
          object: "whatsapp_business_account",
          callback_url: callbackUrl,
          verify_token: verifyToken,
          fields: fields.join(","),
          include_values: true,
        },
        repeatable: true,
        reply: success,
      });
    },
  };
}

async function exchange(graph: Graph, options: MetaClientOptions, code: string): Promise<{ readonly token: string }> {
  const reply = await graph({
    method: "GET",
    route: "/oauth/access_token",
    ids: [],
    params: { client_id: options.appId, client_secret: options.appSecret, code },
    repeatable: false,
    reply: codeReply,
  });
  return { token: reply.access_token };
}

const debugRequest = (appToken: string, token: string) =>
  ({
    method: "GET",
    route: "/debug_token",
    ids: [],
    token: appToken,
    params: { input_token: token },
    repeatable: true,
    reply: debugReply,
  }) as const;

function factsOf({ data }: z.infer<typeof debugReply>, appId: string): TokenFacts {
  const expiresAt = data.expires_at?.getTime() === 0 ? undefined : data.expires_at;
  const ofAccounts = data.granular_scopes.filter(({ scope }) => scope.startsWith("whatsapp_business"));
  return {
    isValid: data.is_valid,
    appId: data.app_id ?? appId,
    ...present({ userId: data.user_id, expiresAt }),
    scopes: data.scopes,
    wabaIds: [...new Set(ofAccounts.flatMap((scope) => scope.target_ids))],
  };
}

/** Whether this is Meta's answer that the object does not exist or is not visible to the token (code 100, subcode 33). */
export const isMissing = (error: unknown): boolean =>
  error instanceof MetaError && (error.subcode === 33 || error.code === 803 || error.httpStatus === 404);
