import { z } from "zod";
import { maxTokenSeconds } from "./domain/token.js";

/** Environment -> configuration. Durations in the unit that ends the name. */
export const TenantConfig = z
  .object({
    TENANT_TOKEN_TTL_SECONDS: z.coerce.number().int().min(1).max(maxTokenSeconds).default(900),
    TENANT_KEY_LEAD_SECONDS: z.coerce.number().int().min(0).max(maxTokenSeconds).default(600),
  })
  .transform((env) => ({
    /** Life of an access token when nobody asks for another one. */
    tokenTtlSeconds: env.TENANT_TOKEN_TTL_SECONDS,
    /** A new signing key is published this long before it signs: twice what verifiers may cache. */
    keyLeadMs: env.TENANT_KEY_LEAD_SECONDS * 1000,
  }));
export type TenantConfig = z.infer<typeof TenantConfig>;
