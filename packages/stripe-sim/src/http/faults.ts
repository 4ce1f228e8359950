import { type Store } from "../store/store.js";
import { refusals } from "./errors.js";

/** What goes wrong, and whether the request has had its effect by then. */
export const faultKinds = [
  "rate_limit",
  "lock_timeout",
  "server_error",
  "reset",
  "server_error_after_effect",
  "timeout_after_effect",
  "reset_after_effect",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** `POST /v1/prices/:id` as in the route table; absent: every route. */
  readonly route?: string;
  readonly kind: FaultKind;
  /** How many requests it still hits. */
  readonly count: number;
}

export interface Faults {
  list: () => readonly Fault[];
  add: (fault: Fault) => Promise<void>;
  clear: () => Promise<void>;
  /** The fault that hits this request, used up by one. */
  take: (route: string) => Promise<FaultKind | undefined>;
}

const metaName = "faults";

export async function openFaults(store: Store): Promise<Faults> {
  let faults = ((await store.meta(metaName)) ?? []) as readonly Fault[];
  const keep = async (next: readonly Fault[]): Promise<void> => {
    faults = next;
    await store.setMeta(metaName, [...next]);
  };
  return {
    list: () => faults,
    add: (fault) => keep([...faults, fault]),
    clear: () => keep([]),
    take: async (route) => {
      const hit = faults.find((fault) => fault.route === undefined || fault.route === route);
      if (!hit) return undefined;
      const used = { ...hit, count: hit.count - 1 };
      await keep(faults.flatMap((fault) => (fault !== hit ? [fault] : used.count > 0 ? [used] : [])));
      return hit.kind;
    },
  };
}

/** Refuses a request before it has any effect, where the fault is of that kind. */
export function refuseEarly(fault: FaultKind | undefined): void {
  if (fault === "rate_limit") throw refusals.rateLimited("global-rate");
  if (fault === "lock_timeout") throw refusals.lockTimeout();
  if (fault === "server_error") throw refusals.serverError();
}
