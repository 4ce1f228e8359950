import { allow, AppError, type Call, systemScope } from "@greentick/kernel";
import { type KeptBody, parseUpdateId } from "../domain/kept-body.js";
import { type QuarantinedUpdate } from "../domain/quarantine.js";
import { type DoorCounts, type Owner, type RawLog, type ReadUpdate, type WebhookPorts } from "../ports.js";
import { ownerOf } from "./owner-of.js";

/** One update as its tenant may see it: its own part of the body, and what proves it. */
export interface ShownUpdate {
  readonly id: string;
  readonly livemode: boolean;
  readonly bodySha256: string;
  readonly index: number;
  readonly field: string;
  /** System time. */
  readonly receivedAt: Date;
  readonly repeats: number;
  /** The update's own JSON, without its neighbours of other tenants. */
  readonly fragment: string;
  /** The whole body as it was signed; only for operators of the platform, since it may hold other tenants' updates. */
  readonly body?: string;
}

const notFound = (id: string): AppError =>
  new AppError("NOT_FOUND", "webhook_update_not_found", `No webhook update ${id}.`, { id });

interface Located {
  readonly body: KeptBody;
  readonly update: ReadUpdate;
  readonly owner: Owner;
}

const scope = systemScope("webhook-routing");

/** The update, if it exists and has an owner. */
async function locate(ports: WebhookPorts, key: string, index: number): Promise<Located | undefined> {
  const body = await ports.rawLog.find(scope, key);
  const reading = body && ports.read(body);
  const update = reading && "updates" in reading ? reading.updates[index] : undefined;
  if (body === undefined || update === undefined) return undefined;
  const owner = await ownerOf(ports, scope, update);
  return owner && { body, update, owner };
}

const maySee = (call: Call, owner: Owner): boolean =>
  owner.tenantId === call.tenantId || (call.staff && owner.ancestorIds.includes(call.tenantId));

/** @throws NOT_FOUND/webhook_update_not_found also for another tenant's update. */
export const readUpdate =
  (ports: WebhookPorts, fragmentOf: (body: Buffer, index: number) => string) =>
  async (call: Call, id: string): Promise<ShownUpdate> => {
    allow(call, "webhook:read");
    const name = parseUpdateId(id);
    const found = name && (await locate(ports, name.key, name.index));
    if (name === undefined || found === undefined || !maySee(call, found.owner)) throw notFound(id);
    const { body, update, owner } = found;
    return {
      id,
      livemode: owner.livemode,
      bodySha256: name.key,
      index: name.index,
      field: update.field,
      receivedAt: body.receivedAt,
      repeats: body.repeats,
      fragment: fragmentOf(body.body, name.index),
      ...(operates(call) && { body: body.body.toString("utf8") }),
    };
  };

/** What the door has seen, for the provider's operators. */
export interface DoorReport extends DoorCounts {
  readonly quarantined: readonly QuarantinedUpdate[];
}

/** @throws FORBIDDEN unless the caller operates the platform: the log belongs to no tenant. */
export const readDoor =
  ({ rawLog, quarantine }: { readonly rawLog: RawLog; readonly quarantine: WebhookPorts["quarantine"] }) =>
  async (call: Call): Promise<DoorReport> => {
    operate(call);
    return { ...(await rawLog.counts(scope)), quarantined: await quarantine.list(scope) };
  };

const operates = (call: Call): boolean =>
  call.permissions.has("webhook:operate") && call.staff && call.ancestorIds.length === 0;

/** Operating the door is for the provider's own staff: a client's act-as token or key never reaches it. */
export function operate(call: Call): void {
  allow(call, "webhook:operate");
  if (!operates(call))
    throw new AppError("FORBIDDEN", "staff_only", "Only the provider's own operators may look at the door.");
}
