import { z } from "zod";

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
