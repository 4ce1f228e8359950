import { type Call } from "@greentick/kernel";
import { type TimerSpec } from "@greentick/runtime";
import { badgeTimer } from "../../usecases/carry-badge.js";
import { signupTimer } from "../../usecases/check-signup.js";
import { syncTimer } from "../../usecases/sync-number.js";
import { ownPermissions } from "./consumers.js";
import { unlessErased } from "./erased.js";

type About = (call: Call, id: string) => Promise<void>;

/** A timer's call holds no permission of its own; it gets what this service's own work may do. */
const asOwnWork = (call: Call): Call => ({ ...call, permissions: new Set(ownPermissions) });

const spec = (kind: string, work: About): TimerSpec => ({
  kind,
  fire: (call, timer) => unlessErased(work)(asOwnWork(call), timer.about),
});

/** What happens when a timer of this service is due, in the tenant's business time. */
export const onboardingTimers = (work: {
  readonly checkSignup: About;
  readonly carryBadge: About;
  readonly syncNumber: About;
}): readonly TimerSpec[] => [
  spec(signupTimer, work.checkSignup),
  spec(badgeTimer, work.carryBadge),
  spec(syncTimer, work.syncNumber),
];
