import { isId, knownPermissions, type TenantId, tenantStandings } from "@greentick/kernel";
import { z } from "zod";

/**
 * Standing: what a credential whose signature or text was verified is worth now. A gateway asks the tenant service for it, in one process
 * directly, apart over a signed route, and keeps an answer for two seconds.
 */
const tenantId = z.custom<TenantId>((value) => isId("tenant", value));

export const standingQuestion = z.discriminatedUnion("kind", [
  /** A person's own token. */
  z.object({ kind: z.literal("person"), tenantId, personId: z.string(), sessionId: z.string().optional() }),
  /** A staff person's token in a client. */
  z.object({ kind: z.literal("grant"), tenantId, grantId: z.string() }),
  /** An API key, by the SHA-256 of its text in base64url: the text itself stays where it was received. */
  z.object({ kind: z.literal("key"), hash: z.string().regex(/^[\w-]{43}$/) }),
]);
export type StandingQuestion = z.infer<typeof standingQuestion>;

/** Why a credential is worth nothing any more. */
export const endedReasons = [
  "session_ended",
  "access_withdrawn",
  "grant_ended",
  "tenant_closed",
  "api_key_unknown",
  "api_key_expired",
  "api_key_revoked",
] as const;
export type EndedReason = (typeof endedReasons)[number];

export const standing = z.discriminatedUnion("good", [
  z.object({ good: z.literal(false), ended: z.enum(endedReasons) }),
  z.object({
    good: z.literal(true),
    /** The tenant's own and its ancestors' status in one word. */
    tenantStanding: z.enum(tenantStandings),
    /** What the credential holds now, before a suspension takes writing away. */
    permissions: z.array(z.string()).transform(knownPermissions),
    /** Whose it is, for an API key: the text of a key does not say. */
    key: z
      .object({
        id: z.string(),
        tenantId,
        ancestorIds: z.array(tenantId),
        livemode: z.boolean(),
        /** CIDR blocks from which it may be used; empty for anywhere. */
        ipAllowList: z.array(z.string()),
      })
      .optional(),
  }),
]);
export type Standing = z.infer<typeof standing>;
export type AskStanding = (question: StandingQuestion) => Promise<Standing>;

/** Where the tenant service answers questions about standing when it runs apart; only calls that a gateway has signed. */
export const standingPath = "/internal/standing";
