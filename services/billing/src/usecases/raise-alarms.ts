import { event, unratableSeen } from "@greentick/contracts";
import { allow, AppError, type Call, systemScope, underScope } from "@greentick/kernel";
import { alarmingReasons, alarmId, raise, type UnratedAlarm, type UnratedGroup } from "../domain/unrated-alarm.js";
import { type AlarmStore, type FactStore, type Page, type PageRequest } from "../ports.js";

const scope = systemScope("price-facts");

export interface AlarmPorts {
  readonly facts: FactStore;
  readonly alarms: AlarmStore;
  readonly callFor: (owner: Pick<UnratedGroup, "tenantId" | "ancestorIds" | "livemode">) => Call;
}

/**
 * Raises an alarm for each client, reason and day of deliveries that have no price and will not get one by themselves. It looks at the facts
 * themselves, so nothing that dies between a fact and its alarm can lose one; the alarm's id makes it one. Returns how many were new.
 */
export const raiseAlarms = (ports: AlarmPorts) => async (): Promise<number> => {
  const groups = await ports.facts.unratedGroups(scope, alarmingReasons);
  const known = await ports.alarms.getMany(scope, groups.map(alarmId));
  const fresh = groups.filter((_, place) => known[place] === undefined);
  let raised = 0;
  for (const group of fresh) if (await raiseOne(ports, group)) raised += 1;
  return raised;
};

async function raiseOne(ports: AlarmPorts, group: UnratedGroup): Promise<boolean> {
  const call = ports.callFor(group);
  const alarm = raise(group, call.now());
  const { reason, day, count, category } = alarm;
  const told = event(unratableSeen, { reason, day, count, ...(category !== undefined && { category }) });
  try {
    await ports.alarms.insert(call, alarm, [told]);
  } catch (error) {
    if (error instanceof AppError && error.reason === "duplicate") return false;
    throw error;
  }
  call.log.warn({ reason, day, count, category }, "deliveries have no price");
  return true;
}

export type ListAlarms = (call: Call, page: PageRequest) => Promise<Page<UnratedAlarm>>;

/** The alarms of every client below, newest first. Staff only. */
export const listAlarms =
  ({ alarms }: Pick<AlarmPorts, "alarms">): ListAlarms =>
  async (call, page) => {
    allow(call, "billing:list");
    return alarms.list(underScope(call), page);
  };
