import { type DataOf, messageStatusReceived, replayTold, statusReplayed, unknownReported } from "@greentick/contracts";
import { AppError, type Call, type EventEnvelope, faultPoint, systemScope } from "@greentick/kernel";
import { type DoorTask, type Part, type ShadowWork } from "../domain/door-task.js";
import { type ReplayedBody, type WebhookPorts } from "../ports.js";
import { type CutUpdate, cutBody } from "./cut-body.js";
import { bodiesOf, newTask, open, type TaskPorts } from "./open-tasks.js";

const scope = systemScope("webhook-split");
const atOnce = { bodies: 100, bytes: 8_000_000 };

/** What a replay of the ledger asks for. Instants of receipt, system time. */
export interface ShadowAsked extends Pick<ShadowWork, "replayId" | "owner" | "wabaId"> {
  readonly from: Date;
  readonly until: Date;
}

export interface OpenPorts extends TaskPorts, Pick<WebhookPorts, "owners"> {
  /** The service's own call in the operator's tenant. */
  readonly callFor: (operator: ShadowWork["owner"]) => Call;
}

/** Begins to read a client's kept bodies for a replay of the ledger, as a task that operators see and may stop. Safe to repeat. */
export const openShadow =
  (ports: OpenPorts) =>
  async ({ replayId, owner, wabaId, from, until }: ShadowAsked): Promise<DoorTask> => {
    const provider = await ports.owners.ofProvider(scope);
    if (provider === undefined)
      throw new AppError(
        "CONFLICT",
        "provider_unknown",
        "The door does not know the provider's own tenant yet. It is asked again by itself.",
      );
    const call = { ...ports.callFor(provider), idempotencyKey: replayId };
    const range = { from, until, tenantId: owner.tenantId };
    const shadow = { replayId, owner, ...(wabaId !== undefined && { wabaId }), statuses: 0, blanked: 0, held: 0 };
    const total = await ports.rawLog.countRange(scope, bodiesOf(range));
    const task = newTask(ports, call, { range, reason: `For the replay ${replayId} of the ledger` });
    return open(ports, call, { ...task, kind: "replay", mode: "shadow", total, shadow });
  };

/** Hands on the statuses of some more bodies to the replay alone, under ids of its own, and behind the last one what was counted. */
export async function shadowPart(ports: WebhookPorts, task: DoorTask, shadow: ShadowWork): Promise<Part | "too early"> {
  // What is not split yet names no client, so the range would not show it: the first look is made once it is.
  if (task.cursor === undefined && (await isBehind(ports, task))) return "too early";
  const asked = { ...bodiesOf(task.range), ...(task.cursor !== undefined && { after: task.cursor }) };
  const bodies = await ports.rawLog.range(scope, asked, atOnce);
  const last = bodies.at(-1);
  if (last === undefined) return tellEnd(ports, task, shadow);
  const split = bodies.filter((body) => body.split);
  const read = await Promise.all(split.map((body) => readBody(ports, shadow, body)));
  const events = read.flatMap((one) => one.events);
  if (events.length > 0) await ports.publish(events, { again: true });
  await faultPoint("replay.published");
  const sum = (of: (one: ReadForShadow) => number): number => read.reduce((so, one) => so + of(one), 0);
  return {
    ended: false,
    task: {
      ...task,
      cursor: last.place,
      done: task.done + bodies.length,
      handedOn: task.handedOn + events.length,
      waiting: task.waiting + bodies.length - split.length,
      shadow: {
        ...shadow,
        statuses: shadow.statuses + events.length,
        blanked: shadow.blanked + sum(({ blanked }) => blanked),
        held: shadow.held + sum(({ held }) => held),
      },
    },
  };
}

async function isBehind({ rawLog }: WebhookPorts, { range: { until } }: DoorTask): Promise<boolean> {
  const { bodies } = await rawLog.waiting(scope, { bodies: 1, bytes: 1 });
  const [oldest] = bodies;
  return oldest !== undefined && (until === undefined || oldest.receivedAt < until);
}

interface ReadForShadow {
  readonly events: readonly EventEnvelope[];
  readonly blanked: number;
  readonly held: number;
}

async function readBody(ports: WebhookPorts, shadow: ShadowWork, body: ReplayedBody): Promise<ReadForShadow> {
  const cut = await cutBody(ports, scope, body);
  const updates = cut?.updates ?? [];
  const own = updates.filter(({ owner }) => owner?.tenantId === shadow.owner.tenantId);
  const meant = own.filter(({ event }) => isMeant(shadow, event));
  const whole = updates.length === 0 ? (cut?.quarantined.length ?? 0) : 0;
  return {
    events: meant.flatMap(({ event }) =>
      event?.type === messageStatusReceived.type ? [forReplay(ports, event, shadow)] : [],
    ),
    blanked: meant.filter(saysNothing).length,
    held: whole + own.filter(({ event }) => event === undefined).length,
  };
}

function isMeant({ wabaId }: ShadowWork, event: EventEnvelope | undefined): boolean {
  return event !== undefined && (wabaId === undefined || (event.data as { wabaId?: string }).wabaId === wabaId);
}

/** An update about messages that is no status and no message any more. */
const saysNothing = ({ field, event }: CutUpdate): boolean =>
  field === "messages" && event?.type === unknownReported.type;

/** One replay's events are in one line, so that the end comes behind all that it counts. */
function forReplay(
  { replayedId }: Pick<WebhookPorts, "replayedId">,
  event: EventEnvelope,
  { replayId }: ShadowWork,
): EventEnvelope {
  const data: DataOf<typeof statusReplayed> = { ...(event.data as DataOf<typeof messageStatusReceived>), replayId };
  const { type, version } = statusReplayed;
  return {
    ...event,
    type,
    version,
    id: replayedId(replayId, event.id, event.recordedAt),
    partitionKey: replayId,
    data,
  };
}

async function tellEnd(ports: WebhookPorts, task: DoorTask, shadow: ShadowWork): Promise<Part> {
  const { replayId, owner, statuses, blanked, held } = shadow;
  const { from, until } = task.range;
  const erased =
    from === undefined || until === undefined
      ? 0
      : await ports.rawLog.countErased(scope, { from, until, tenantId: owner.tenantId });
  const data: DataOf<typeof replayTold> = { replayId, bodies: task.done, statuses, blanked, held, erased };
  const id = ports.replayedId(replayId, "told", task.openedAt);
  const now = ports.now();
  const told: EventEnvelope = {
    ...{ id, type: replayTold.type, version: replayTold.version },
    tenantId: owner.tenantId,
    ancestorIds: owner.ancestorIds,
    livemode: owner.livemode,
    partitionKey: replayId,
    aggregate: { type: "ledger_replay", id: replayId, version: 1 },
    ...{ occurredAt: now, recordedAt: now },
    actor: { kind: "service", id: "webhook" },
    ...{ requestId: replayId, correlationId: replayId },
    data,
  };
  await ports.publish([told], { again: true });
  return { task, ended: true };
}
