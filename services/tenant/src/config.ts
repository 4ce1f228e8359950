import { z } from "zod";
import { type RetentionDays, retentionKinds, retentionPolicy } from "./domain/retention.js";
import { maxTokenSeconds } from "./domain/token.js";
import { peopleEnvironment, peopleSettings } from "./people-config.js";

/** `contacts=180,consent=1460`: periods in days that differ from the table. */
const retention = z
  .string()
  .default("")
  .transform((text, context) => {
    const pairs = text.split(",").map((pair) => pair.trim().split("="));
    const own = pairs.filter(([kind]) => kind !== "");
    const unknown = own.find(([kind]) => !(retentionKinds as readonly string[]).includes(kind ?? ""));
    try {
      if (unknown !== undefined) throw new RangeError(`"${unknown[0] ?? ""}" is none of ${retentionKinds.join(", ")}`);
      return retentionPolicy(Object.fromEntries(own.map(([kind, days]) => [kind, Number(days)])) as RetentionDays);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });

/** Environment -> configuration. Durations in the unit that ends the name. */
export const TenantConfig = z
  .object({
    TENANT_TOKEN_TTL_SECONDS: z.coerce.number().int().min(1).max(maxTokenSeconds).default(900),
    TENANT_KEY_LEAD_SECONDS: z.coerce.number().int().min(0).max(maxTokenSeconds).default(600),
    RETENTION_DAYS: retention,
    ...peopleEnvironment,
  })
  .transform((env, context) => ({
    /** Life of an access token when nobody asks for another one. */
    tokenTtlSeconds: env.TENANT_TOKEN_TTL_SECONDS,
    /** A new signing key is published this long before it signs: twice what verifiers may cache. */
    keyLeadMs: env.TENANT_KEY_LEAD_SECONDS * 1000,
    /** How long each kind of data is kept. */
    retention: env.RETENTION_DAYS,
    /** Mail, sessions, second factor, identity provider. */
    people: peopleSettings(env, (name, message) => {
      context.addIssue({ code: "custom", path: [name], message });
    }),
  }));
export type TenantConfig = z.infer<typeof TenantConfig>;
