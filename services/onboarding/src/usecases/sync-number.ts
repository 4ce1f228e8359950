import { after, allow, type Call, dayMs, tenantScope } from "@greentick/kernel";
import { type OnboardingPorts } from "../ports.js";
import { seeNumber, seeWaba, wabaOf } from "./look.js";

/** One durable timer per number: webhooks get lost, so we look once a day and call the difference drift. */
export const syncTimer = "onboarding.sync";

type Ports = Pick<OnboardingPorts, "numbers" | "wabas" | "meta" | "vault" | "reminders">;

/** Reads number and account at Meta, keeps the differences as drift, and comes back tomorrow. */
export const syncNumber =
  (ports: Ports) =>
  async (call: Call, numberRecordId: string): Promise<void> => {
    allow(call, "onboarding:write");
    const number = await ports.numbers.find(tenantScope(call), numberRecordId);
    if (number === undefined) return;
    await seeNumber(ports, call, { number, source: "sync" });
    await seeWaba(ports, call, { waba: await wabaOf(ports, call, number.wabaId), source: "sync" });
    await planSync(ports)(call, numberRecordId);
  };

/** Sets the number's next daily look. */
export const planSync =
  ({ reminders }: Pick<Ports, "reminders">) =>
  async (call: Call, numberRecordId: string): Promise<void> => {
    allow(call, "onboarding:write");
    await reminders.set(call, { kind: syncTimer, about: numberRecordId, dueAt: after(call.now(), dayMs) });
  };
