import { numberLive, signupAdvanced } from "@greentick/contracts";
import { type ConsumerSpec } from "@greentick/runtime";
import { type FollowTenant } from "../../usecases/change-tenant-status.js";

/** What wakes the tenant: a signup case makes a prospect onboard, the first live number makes it active. */
export const lifecycleConsumer = (follow: FollowTenant): ConsumerSpec => ({
  name: "tenant.lifecycle",
  permissions: ["tenant:write"],
  on: [
    { event: signupAdvanced, handle: (call) => follow(call, "start_onboarding", "a signup case is open") },
    { event: numberLive, handle: (call) => follow(call, "activate", "its first number is live") },
  ],
});
