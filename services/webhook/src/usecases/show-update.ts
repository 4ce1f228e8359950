import { type Call } from "@greentick/kernel";
import { type KeptBody, updateIdOf } from "../domain/kept-body.js";
import { type Owner, type ReadUpdate, type WebhookPorts } from "../ports.js";

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

/** An update that exists and has an owner. */
export interface Located {
  readonly body: KeptBody;
  readonly update: ReadUpdate;
  readonly owner: Owner;
}

export interface UpdateParts extends Pick<WebhookPorts, "rawLog" | "owners" | "read"> {
  readonly fragmentOf: (body: KeptBody, index: number) => string;
  readonly sha256Of: (body: Buffer) => string;
}

export const maySee = (call: Call, owner: Owner): boolean =>
  owner.tenantId === call.tenantId || (call.staff && owner.ancestorIds.includes(call.tenantId));

/** Operating the door is for the provider's own staff: a client's act-as token or key never reaches it. */
export const operates = (call: Call): boolean =>
  call.permissions.has("webhook:operate") && call.staff && call.ancestorIds.length === 0;

/** One text for all updates of a body. */
const texts = new WeakMap<Buffer, string>();

function textOf(body: Buffer): string {
  const known = texts.get(body) ?? body.toString("utf8");
  texts.set(body, known);
  return known;
}

export const showUpdate = (parts: UpdateParts, call: Call, { body, update, owner }: Located): ShownUpdate => ({
  id: updateIdOf(body.key, update.index),
  livemode: owner.livemode,
  bodySha256: /^[0-9a-f]{64}$/.test(body.key) ? body.key : parts.sha256Of(body.body),
  index: update.index,
  field: update.field,
  receivedAt: body.receivedAt,
  repeats: body.repeats,
  fragment: parts.fragmentOf(body, update.index),
  ...(operates(call) && { body: textOf(body.body) }),
});
