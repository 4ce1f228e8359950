import { rateLimits, type RateLimits } from "@greentick/graphql";
import { z } from "zod";
import { addressBehind } from "./identity/address.js";

/** Where the services listen when they run apart: `http://host:port`, without a path. Environment -> configuration. */
export const ServiceUrls = z
  .object({
    TENANT_URL: z.url({ protocol: /^https?$/ }),
    ONBOARDING_URL: z.url({ protocol: /^https?$/ }),
    TEMPLATE_URL: z.url({ protocol: /^https?$/ }),
    BILLING_URL: z.url({ protocol: /^https?$/ }),
    WEBHOOK_URL: z.url({ protocol: /^https?$/ }),
  })
  .transform((env) => ({
    tenant: env.TENANT_URL,
    onboarding: env.ONBOARDING_URL,
    template: env.TEMPLATE_URL,
    billing: env.BILLING_URL,
    webhook: env.WEBHOOK_URL,
  }));
export type ServiceUrls = z.infer<typeof ServiceUrls>;

const defaultLimits = Object.entries(rateLimits)
  .map(([name, { burst, perSecond }]) => `${name}=${String(perSecond)}:${String(burst)}`)
  .join(",");
const oneLimit = new RegExp(`^(${Object.keys(rateLimits).join("|")})=(\\d{1,9}(?:\\.\\d{1,3})?):(\\d{1,9})$`);

/** What a tenant may ask for: `requests=200:2000` is 200 a second and 2,000 at once; what is left out keeps its default. */
export const LimitsConfig = z
  .object({
    RATE_LIMITS: z
      .string()
      .default(defaultLimits)
      .transform((text) => text.split(",").map((part) => oneLimit.exec(part.trim())))
      .refine(
        (parts) => parts.every((part) => part !== null && Number(part[2]) > 0 && Number(part[3]) >= 10),
        `must be name=perSecond:burst, separated by commas, e.g. ${defaultLimits}; a burst is 10 at least`,
      ),
  })
  .transform(({ RATE_LIMITS: parts }): { readonly limits: RateLimits } => ({
    limits: Object.assign(
      { ...rateLimits },
      ...parts.flatMap((part) =>
        part === null ? [] : [{ [String(part[1])]: { perSecond: Number(part[2]), burst: Number(part[3]) } }],
      ),
    ) as RateLimits,
  }));
export type LimitsConfig = z.infer<typeof LimitsConfig>;

const isTrustList = (list: readonly string[]): boolean => {
  try {
    addressBehind(list);
    return true;
  } catch {
    return false;
  }
};

/** Our own proxies, whose `X-Forwarded-For` is believed: addresses or CIDR blocks, separated by commas. Default: none is. */
export const ProxyConfig = z
  .object({
    TRUSTED_PROXIES: z
      .string()
      .default("")
      .transform((text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      )
      .refine(isTrustList, "must be addresses or CIDR blocks separated by commas, e.g. 10.0.0.0/8,fd00::/8"),
  })
  .transform((env) => ({ trustedProxies: env.TRUSTED_PROXIES }));
export type ProxyConfig = z.infer<typeof ProxyConfig>;
