import { AppError, type TenantId } from "@greentick/kernel";

/** Streams that are open in this process. */
export interface Listeners {
  /** @throws RATE_LIMITED/too_many_listeners naming whose they are. */
  readonly add: (tenantId: TenantId, end: () => void) => () => void;
  readonly endAll: () => void;
  readonly count: () => number;
}

export interface ListenerLimits {
  readonly perTenant: number;
  readonly all: number;
}

const full = (whose: string, most: number): AppError =>
  new AppError(
    "RATE_LIMITED",
    "too_many_listeners",
    `${whose} at most ${most} open streams at once. Close one, or share one among your programs.`,
    { retryAfterSeconds: 30, most },
  );

export function listeners(limits: ListenerLimits): Listeners {
  const open = new Map<symbol, { readonly tenantId: TenantId; readonly end: () => void }>();
  return {
    add: (tenantId, end) => {
      if (open.size >= limits.all) throw full("This process keeps", limits.all);
      const own = [...open.values()].filter((one) => one.tenantId === tenantId).length;
      if (own >= limits.perTenant) throw full("A business has", limits.perTenant);
      const name = Symbol(tenantId);
      open.set(name, { tenantId, end });
      return () => open.delete(name);
    },
    endAll: () => {
      for (const { end } of [...open.values()]) end();
    },
    count: () => open.size,
  };
}
