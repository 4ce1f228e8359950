import { type PublishedKind } from "@greentick/contracts";
import { allow, badInput, type Call, tenantScope } from "@greentick/kernel";
import { type Delivery, type DeliveryStatus } from "../../domain/out/delivery.js";
import { type Endpoint } from "../../domain/out/endpoint.js";
import {
  type Deliveries,
  type DeliveryFilter,
  type EndpointStore,
  type EventLog,
  type Lanes,
  type Sealed,
} from "../../ports/outgoing.js";
import { type Page, type PageRequest, type Slice } from "../../ports/paging.js";
import { versionFor } from "./published.js";

export interface ReadPorts {
  readonly endpoints: Pick<EndpointStore, "get" | "list" | "find">;
  readonly deliveries: Deliveries;
  readonly lanes: Pick<Lanes, "state" | "nextAt">;
  readonly events: Pick<EventLog, "body">;
  readonly sealed: Sealed;
  readonly kinds: readonly PublishedKind[];
}

export type ListEndpoints = (
  call: Call,
  page: PageRequest,
  filter: { readonly status?: "enabled" | "disabled" },
) => Promise<Page<Endpoint>>;

/** Endpoints of the caller's tenant, newest first. */
export const listEndpoints =
  ({ endpoints }: ReadPorts): ListEndpoints =>
  async (call, page, filter) => {
    allow(call, "endpoint:read");
    return endpoints.list(tenantScope(call), page, filter);
  };

export const readEndpoint =
  ({ endpoints }: ReadPorts) =>
  async (call: Call, id: string): Promise<Endpoint> => {
    allow(call, "endpoint:read");
    return endpoints.get(tenantScope(call), id);
  };

/** How an endpoint is doing. */
export interface EndpointHealth {
  readonly counts: Readonly<Record<DeliveryStatus, number>>;
  readonly failingSince?: Date;
  readonly nextAt?: Date;
}

export const readEndpointHealth =
  ({ deliveries, lanes }: ReadPorts) =>
  async (call: Call, id: string): Promise<EndpointHealth> => {
    allow(call, "endpoint:read");
    const scope = tenantScope(call);
    const [counts, state, nextAt] = await Promise.all([
      deliveries.counts(scope, id),
      lanes.state(scope, id),
      lanes.nextAt(scope, id),
    ]);
    const { failingSince } = state ?? {};
    return { counts, ...(failingSince && { failingSince }), ...(nextAt && { nextAt }) };
  };

export type ListDeliveries = (call: Call, page: PageRequest, filter: DeliveryFilter) => Promise<Slice<Delivery>>;

/** The log, newest first, of all endpoints of the tenant or of one, deleted ones too. */
export const listDeliveries =
  ({ deliveries, endpoints }: ReadPorts): ListDeliveries =>
  async (call, page, filter) => {
    allow(call, "endpoint:read");
    const scope = tenantScope(call);
    if (filter.from && filter.before && filter.from >= filter.before) throw badInput("from", "must be before `before`");
    if (filter.endpointId !== undefined && (await endpoints.find(scope, filter.endpointId)) === undefined)
      await endpoints.get(scope, filter.endpointId);
    return deliveries.list(scope, page, filter);
  };

export const readDelivery =
  ({ deliveries }: ReadPorts) =>
  async (call: Call, id: string): Promise<Delivery> => {
    allow(call, "endpoint:read");
    return deliveries.get(tenantScope(call), id);
  };

/** The beginning of an answer; undefined when there was none or it is erased. */
export const readResponse =
  ({ sealed }: ReadPorts) =>
  async (call: Call, delivery: Delivery, sealedResponse: string | undefined): Promise<string | undefined> => {
    allow(call, "endpoint:read");
    const { tenantId, id } = delivery;
    if (sealedResponse === undefined || tenantId !== call.tenantId) return undefined;
    return sealed.open({ tenantId, record: id, field: "webhook_response" }, sealedResponse);
  };

/** The text that was sent, for who may read such things; undefined for who may not, and when it is erased. */
export const readBody =
  ({ events, endpoints, kinds }: ReadPorts) =>
  async (call: Call, { eventId, endpointId, kind }: Delivery): Promise<string | undefined> => {
    allow(call, "endpoint:read");
    const word = kinds.find((one) => one.kind === kind)?.permission;
    if (word === undefined || !call.permissions.has(word)) return undefined;
    const scope = tenantScope(call);
    const endpoint = await endpoints.find(scope, endpointId);
    return endpoint && events.body(scope, eventId, versionFor(kinds, kind, endpoint.payloadVersion));
  };

/** The published catalogue. */
export const readKinds =
  ({ kinds }: Pick<ReadPorts, "kinds">) =>
  (call: Call): readonly PublishedKind[] => {
    allow(call, "event:read");
    return kinds;
  };
