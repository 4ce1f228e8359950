import { type Route } from "../http/route.js";
import { customerRoutes } from "./customers.js";
import { eventRoutes } from "./events.js";
import { invoiceRoutes } from "./invoices.js";
import { meterEventRoutes } from "./meter-events.js";
import { meterRoutes } from "./meters.js";
import { priceRoutes } from "./prices.js";
import { productRoutes } from "./products.js";
import { subscriptionItemRoutes } from "./subscription-items.js";
import { subscriptionRoutes } from "./subscriptions.js";
import { webhookEndpointRoutes } from "./webhook-endpoints.js";

/** Every endpoint of the local Stripe. A longer literal path stands before a shorter one with `:id` that would match it too. */
export const apiRoutes: readonly Route[] = [
  ...productRoutes,
  ...priceRoutes,
  ...meterRoutes,
  ...meterEventRoutes,
  ...customerRoutes,
  ...subscriptionItemRoutes,
  ...subscriptionRoutes,
  ...invoiceRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
];
