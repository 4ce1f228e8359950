import { z } from "zod";

/**
 * Signing in through an identity provider (OpenID Connect). Browsers reach the gateway alone; what they bring it asks the tenant service, in one
 * process directly, apart over a signed route.
 */
const from = z.object({ requestId: z.string(), ip: z.string().optional(), userAgent: z.string().optional() });

/** Longer addresses are no answer of an identity provider. */
export const longestCallback = 6_000;

export const oidcQuestion = z.discriminatedUnion("step", [
  /** Is there an identity provider? */
  z.object({ step: z.literal("look") }),
  z.object({ step: z.literal("start"), from }),
  z.object({
    step: z.literal("finish"),
    from,
    /** Path and query with which the browser came back. */
    url: z.string().max(longestCallback),
    /** What `start` gave to this browser. */
    browserKey: z.string(),
  }),
]);
export type OidcQuestion = z.infer<typeof oidcQuestion>;

export const oidcAnswer = z.discriminatedUnion("step", [
  z.object({ step: z.literal("look"), offered: z.boolean() }),
  z.object({
    step: z.literal("start"),
    /** Where the browser goes next. */
    url: z.string(),
    browserKey: z.string(),
    /** Whether browsers reach us by https, so that a cookie may insist on it. */
    secure: z.boolean(),
  }),
  z.object({
    step: z.literal("finish"),
    /** For `finishSignIn`; works once, for a minute. */
    ticket: z.string(),
    /** The page that takes it, without a fragment. */
    returnUrl: z.string(),
    secure: z.boolean(),
  }),
  z.object({ step: z.literal("refused"), code: z.string(), reason: z.string(), message: z.string() }),
]);
export type OidcAnswer = z.infer<typeof oidcAnswer>;
export type AskOidc = (question: OidcQuestion) => Promise<OidcAnswer>;

/** Where the tenant service answers such questions when it runs apart; only calls that a gateway has signed. */
export const oidcPath = "/internal/oidc";
