import { AppError, type Call, sourceOf } from "@greentick/kernel";
import { type RefusalAudit, type Trailing, trailQuota, type UseCase } from "@greentick/runtime";

/** As `refusing`, with a bound on what a flood can write. */
export type Bounded = RefusalAudit["refusing"];

type Outcome<R> = { readonly done: R } | { readonly untold: AppError };

/** Refusals of visitors, and "too many attempts" of anybody, stand in the trail only as far as its quota goes. */
export function boundedRefusals({ refusing }: Pick<RefusalAudit, "refusing">): Bounded {
  const take = trailQuota();
  const trailing = (call: Call, action: string, { code, reason }: AppError): Trailing => {
    const isRateLimited = code === "RATE_LIMITED";
    if (call.actor.kind !== "visitor" && !isRateLimited) return "kept";
    const source = `${call.actor.id} from ${sourceOf(call.ip)}`;
    return take({ tenantId: call.tenantId, action, reason, source, isRateLimited }, call.systemNow());
  };
  return <A extends readonly unknown[], R>(action: string, useCase: UseCase<A, R>): UseCase<A, R> => {
    const told = refusing(action, async (call: Call, ...args: A): Promise<Outcome<R>> => {
      try {
        return { done: await useCase(call, ...args) };
      } catch (error) {
        const outcome = error instanceof AppError ? trailing(call, action, error) : "kept";
        if (!(error instanceof AppError) || outcome === "kept") throw error;
        if (outcome === "left out first")
          call.log.warn(
            { action, reason: error.reason, forTenantId: call.tenantId },
            "refusals like this are left out of the audit trail until the hour ends",
          );
        return { untold: error };
      }
    });
    return async (call, ...args) => {
      const outcome = await told(call, ...args);
      if ("untold" in outcome) throw outcome.untold;
      return outcome.done;
    };
  };
}
