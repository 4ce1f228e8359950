import { allow, AppError, type Call, systemScope } from "@greentick/kernel";
import { parseUpdateId } from "../domain/kept-body.js";
import { type QuarantinedUpdate } from "../domain/quarantine.js";
import { type UnknownKind, type UnknownUpdate } from "../domain/unknown-update.js";
import { type DoorCounts, type QuarantineFilter, type WebhookPorts } from "../ports.js";
import { type Page, type PageRequest } from "../ports/paging.js";
import { type ConsumerBehind } from "../ports/tasks.js";
import { ownerOf } from "./owner-of.js";
import { type Located, maySee, operates, type ShownUpdate, showUpdate, type UpdateParts } from "./show-update.js";

const notFound = (id: string): AppError =>
  new AppError("NOT_FOUND", "webhook_update_not_found", `No webhook update ${id}.`, { id });

const scope = systemScope("webhook-routing");

/** The update, if it exists and has an owner. */
async function locate(ports: UpdateParts, key: string, index: number): Promise<Located | undefined> {
  const body = await ports.rawLog.find(scope, key);
  const reading = body && ports.read(body);
  const update = reading && "updates" in reading ? reading.updates[index] : undefined;
  if (body === undefined || update === undefined) return undefined;
  const owner = await ownerOf(ports, scope, update);
  return owner && { body, update, owner };
}

/** @throws NOT_FOUND/webhook_update_not_found also for another tenant's update. */
export const readUpdate =
  (ports: UpdateParts) =>
  async (call: Call, id: string): Promise<ShownUpdate> => {
    allow(call, "webhook:read");
    const name = parseUpdateId(id);
    const found = name && (await locate(ports, name.key, name.index));
    if (found === undefined || !maySee(call, found.owner)) throw notFound(id);
    return { ...showUpdate(ports, call, found), id };
  };

type DoorPorts = Pick<WebhookPorts, "rawLog" | "quarantine" | "unknown">;

interface ReportPorts extends DoorPorts {
  /** Every consumer of any service, by name. */
  readonly consumers: () => Promise<readonly ConsumerBehind[]>;
}

/** What the door has seen, for the provider's operators. */
export interface DoorReport extends DoorCounts {
  readonly unknownKinds: readonly UnknownKind[];
  readonly consumers: readonly ConsumerBehind[];
}

/** @throws FORBIDDEN unless the caller operates the platform: the log belongs to no tenant. */
export const readDoor =
  ({ rawLog, unknown, consumers }: ReportPorts) =>
  async (call: Call): Promise<DoorReport> => {
    operate(call);
    const [counts, unknownKinds, behind] = await Promise.all([rawLog.counts(scope), unknown.kinds(scope), consumers()]);
    return { ...counts, unknownKinds, consumers: behind };
  };

/** What waits in quarantine, the longest waiting first. */
export const readQuarantine =
  ({ quarantine }: DoorPorts) =>
  (call: Call, filter: QuarantineFilter, page: PageRequest): Promise<Page<QuarantinedUpdate>> => {
    operate(call);
    return quarantine.page(scope, filter, page);
  };

/** Updates that no service reads yet, oldest first. */
export const readUnknown =
  ({ unknown }: DoorPorts) =>
  (call: Call, filter: { readonly field?: string }, page: PageRequest): Promise<Page<UnknownUpdate>> => {
    operate(call);
    return unknown.page(scope, filter, page);
  };

/** @throws FORBIDDEN */
export function operate(call: Call): void {
  allow(call, "webhook:operate");
  if (!operates(call))
    throw new AppError("FORBIDDEN", "staff_only", "Only the provider's own operators may look at the door.");
}
