import { after, AppError, type Call, dayMs, systemScope, tenantScope } from "@greentick/kernel";
import { deleteEndpoint, type Endpoint, type EndpointEnding } from "../../domain/out/endpoint.js";
import { type Deliveries, type EndpointStore, type EventLog, type Line, type OwnerOf } from "../../ports/outgoing.js";
import { type LegalHolds } from "../../ports.js";
import { disabled } from "./manage-endpoints.js";

export interface DutyPorts {
  readonly endpoints: EndpointStore;
  readonly deliveries: Pick<Deliveries, "eraseBefore" | "eraseTenant">;
  readonly events: Pick<EventLog, "eraseBefore" | "eraseTenant">;
  readonly line: Pick<Line, "drop">;
  readonly holds: Pick<LegalHolds, "all">;
  readonly systemNow: () => Date;
  readonly systemCall: (owner: OwnerOf) => Call;
}

const mostTries = 5;
const isConflict = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

/** Switches an endpoint off for a reason of ours, whoever else changes it at the same time. Safe to repeat. */
export const switchOff =
  ({ endpoints, systemCall }: Pick<DutyPorts, "endpoints" | "systemCall">) =>
  async (endpoint: Endpoint, because: EndpointEnding, failingSince?: Date): Promise<void> => {
    const call = systemCall(endpoint);
    for (let tries = 1; ; tries++) {
      const now = await endpoints.find(tenantScope(call), endpoint.id);
      if (now?.status !== "enabled") return;
      try {
        await endpoints.save(call, ...disabled(call, now, because, failingSince));
        call.log.warn({ endpointId: endpoint.id, because }, "webhook endpoint disabled");
        return;
      } catch (error) {
        if (!isConflict(error) || tries === mostTries) throw error;
      }
    }
  };

/** A closed business gets nothing any more; it cannot enable an endpoint again. Safe to repeat. */
export const closeEndpoints =
  (ports: DutyPorts) =>
  async (call: Call): Promise<void> => {
    const off = switchOff(ports);
    for (const endpoint of await ports.endpoints.ofTenant(tenantScope(call))) await off(endpoint, "tenant_closed");
  };

/** Everything that was kept for an erased business goes; its keys are destroyed beside this. Safe to repeat. */
export const eraseEndpoints =
  ({ endpoints, deliveries, events, line }: DutyPorts) =>
  async (call: Call): Promise<void> => {
    const scope = tenantScope(call);
    for (const endpoint of await endpoints.ofTenant(scope)) {
      await line.drop(scope, endpoint.id);
      await endpoints.save(call, deleteEndpoint(endpoint), []);
    }
    await deliveries.eraseTenant(scope);
    await events.eraseTenant(scope);
  };

const erasing = systemScope("webhook-delivery");

/** Deliveries and what was in them, older than their time, except of tenants under a legal hold. How many documents went. */
export const eraseOldDeliveries =
  ({ deliveries, events, holds, systemNow }: DutyPorts, days: number) =>
  async (): Promise<number> => {
    const before = after(systemNow(), -days * dayMs);
    const held = await holds.all(systemScope("projection"));
    return (await deliveries.eraseBefore(erasing, before, held)) + (await events.eraseBefore(erasing, before, held));
  };
