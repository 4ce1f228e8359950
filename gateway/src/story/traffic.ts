import { hourMs } from "@greentick/kernel";
import { type TrafficProgress, type TrafficReport } from "@greentick/meta-sim";
import { control, type Target } from "./target.js";

export interface TrafficPlan {
  readonly seed: number;
  /** Webhook bodies. */
  readonly messages: number;
  readonly from: Date;
  readonly to: Date;
  readonly wabaIds: readonly string[];
  readonly lose: number;
  readonly double: number;
}

/** Plans the month's messages at the local Meta; nothing is posted before its time comes. */
export async function planTraffic(
  target: Target,
  plan: TrafficPlan,
): Promise<{ readonly id: string; readonly report: TrafficReport; readonly lastDueAt: Date }> {
  const planned = await control<TrafficProgress>(target.metaUrl, "traffic", {
    ...plan,
    from: plan.from.toISOString(),
    to: plan.to.toISOString(),
  });
  if (planned.report === undefined || planned.lastDueAt === undefined)
    throw new Error(`The local Meta has not planned the traffic ${planned.id}.`);
  return { id: planned.id, report: planned.report, lastDueAt: new Date(planned.lastDueAt) };
}

/** Lets time pass in steps, Meta posting what falls due in each. */
export async function runTraffic(
  target: Target,
  id: string,
  span: { readonly from: Date; readonly until: Date; readonly stepHours: number },
  tell: (now: Date) => void,
): Promise<void> {
  const step = span.stepHours * hourMs;
  const until = span.until.getTime();
  for (let at = Math.min(span.from.getTime() + step, until); ; at = Math.min(at + step, until)) {
    const now = new Date(at);
    await target.moveClock(now, async () => {
      await control(target.metaUrl, `traffic/${id}/run-until`, { now: now.toISOString() });
    });
    tell(now);
    if (at >= until) return;
  }
}
