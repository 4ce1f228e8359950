import { badgeAdvanced, event } from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { type BadgeRequest } from "../domain/badge-request.js";

export const badgeMoved = (one: BadgeRequest, reason?: string): DomainEvent =>
  event(
    badgeAdvanced,
    {
      badgeRequestId: one.id,
      phoneNumberId: one.phoneNumberId,
      status: one.status,
      ...(one.coolingUntil !== undefined && { until: one.coolingUntil }),
    },
    reason === undefined ? {} : { reason },
  );
