import { z } from "zod";

const usualRetentionDays = 30;
/** Deliveries are tried for three days; what was given up is to be found afterwards. */
const leastRetentionDays = 7;

/** What the environment says about tenants' own webhooks; part of the service's configuration. */
export const outgoingVariables = {
  /** Development and sandboxes: lets endpoints of sandbox tenants be on this machine or its network, and on plain http. Never those of live ones. */
  WEBHOOK_ALLOW_PRIVATE: z.enum(["true", "false"]).default("false"),
};

/** `webhook_deliveries=30` out of `RETENTION_DAYS`. */
export const deliveryRetention = (text: string): number =>
  Number(/(?:^|,)\s*webhook_deliveries=(\d+)/.exec(text)?.[1] ?? usualRetentionDays);

export const deliveryRetentionProblem = (days: number): string | undefined =>
  days < leastRetentionDays ? `webhook_deliveries must be ${leastRetentionDays} days at least` : undefined;

export interface OutgoingConfig {
  readonly allowPrivate: boolean;
  readonly retentionDays: number;
}

export const usualOutgoing: OutgoingConfig = { allowPrivate: false, retentionDays: usualRetentionDays };
