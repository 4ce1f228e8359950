import { allow, type Call, type Permission, type Scope, tenantScope, underScope } from "@greentick/kernel";
import { type Readiness } from "../domain/badge-readiness.js";
import { type BadgeRequest, differenceToRefused, type FormDifference } from "../domain/badge-request.js";
import { type Aggregates, type Filter, type OnboardingPorts, type Page, type PageRequest } from "../ports.js";
import { judgeOf } from "./badge-parts.js";

/** Staff of the provider or a reseller see all clients below; everybody else their own tenant. */
const sight = (call: Call): Scope => (call.staff ? underScope(call) : tenantScope(call));

export interface Reader<S> {
  /** @throws the kind's NOT_FOUND, also for another tenant's object. */
  readonly get: (call: Call, id: string) => Promise<S>;
  readonly getMany: (call: Call, ids: readonly string[]) => Promise<readonly (S | undefined)[]>;
  readonly list: (call: Call, page: PageRequest, filter?: Filter) => Promise<Page<S>>;
}

/** Reading one kind of aggregate under a permission. */
export const readerOf = <S>(store: Aggregates<S>, permission: Permission): Reader<S> => ({
  get: async (call, id) => {
    allow(call, permission);
    return store.get(sight(call), id);
  },
  getMany: async (call, ids) => {
    allow(call, permission);
    return store.getMany(sight(call), ids);
  },
  list: async (call, page, filter) => {
    allow(call, permission);
    return store.list(sight(call), page, filter);
  },
});

export interface BadgeOutlook {
  readonly readiness: Readiness;
  readonly differences: readonly FormDifference[];
}

/** The eligibility rules as they stand now, and what a new request would say otherwise than the refused one. */
export const readBadgeOutlook =
  (ports: Pick<OnboardingPorts, "badges" | "numbers" | "wabas">) =>
  async (call: Call, one: BadgeRequest): Promise<BadgeOutlook> => {
    allow(call, "badge:read");
    const judge = await judgeOf(ports, call, one);
    return { readiness: judge(one.evidence), differences: differenceToRefused(one) };
  };
