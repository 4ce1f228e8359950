import { legalHoldLifted, legalHoldPlaced } from "@greentick/contracts";
import { systemScope } from "@greentick/kernel";
import { type Subscription } from "@greentick/runtime";
import { type LegalHolds } from "../../ports.js";

const scope = systemScope("projection");

/** Which tenants' bodies stay, whatever their age. */
export const holdEvents = (holds: LegalHolds): readonly Subscription[] => [
  { event: legalHoldPlaced, handle: (call) => holds.place(scope, call) },
  { event: legalHoldLifted, handle: (call) => holds.lift(scope, call.tenantId) },
];
