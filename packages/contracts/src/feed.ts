import { isId, permissions, type TenantId } from "@greentick/kernel";
import { z } from "zod";

/**
 * The feed: what a gateway asks the webhook service for on behalf of somebody who listens to server-sent events, in one process directly, apart
 * over a signed route. An answer comes at once when there is something, else when `waitMs` are over.
 */
export const feedQuestion = z.object({
  tenantId: z.custom<TenantId>((value) => isId("tenant", value)),
  ancestorIds: z.array(z.custom<TenantId>((value) => isId("tenant", value))),
  livemode: z.boolean(),
  /** What the listener may read: kinds that need another word are left out. */
  permissions: z.array(z.enum(permissions)),
  /** Patterns of kinds; empty for all. */
  kinds: z.array(z.string().max(80)).max(50),
  /** Where to go on: behind an event, or behind a place that an earlier answer named. Neither: from now on. */
  afterId: z.string().max(64).optional(),
  afterPlace: z.number().int().min(0).optional(),
  waitMs: z.number().int().min(0).max(25_000),
});
export type FeedQuestion = z.infer<typeof feedQuestion>;

export const feedAnswer = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    /** In order, 100 at most; `body` is the exact text that a webhook carries. */
    events: z.array(z.object({ id: z.string(), kind: z.string(), body: z.string() })),
    place: z.number().int(),
  }),
  /** `too_old`: the event to go on behind is not kept any more, or too many came after it. `unknown_kind`: a pattern matches no kind. */
  z.object({ ok: z.literal(false), refused: z.enum(["too_old", "unknown_kind"]), message: z.string() }),
]);
export type FeedAnswer = z.infer<typeof feedAnswer>;
/** `gone` ends the wait when nobody listens any more. */
export type AskFeed = (question: FeedQuestion, gone: AbortSignal) => Promise<FeedAnswer>;

/** Where the webhook service answers when it runs apart; only calls that a gateway has signed. */
export const feedPath = "/internal/feed";
