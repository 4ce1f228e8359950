import { type SimClock } from "./clock.js";
import { type Names } from "./ids.js";
import { type MetaSimOptions } from "./options.js";
import { type Poster } from "./post.js";
import { type PriceBook } from "./charges/cards.js";
import { type Sender } from "./sender.js";
import { encodeBody, envelope } from "./body.js";
import {
  type AppRow,
  type DeliveryRow,
  type JobRow,
  type Node,
  type NodeKind,
  type SimStore,
  onceOnly,
  reserve,
} from "./store.js";

/** What every part of the simulator works with. */
export interface World {
  readonly options: MetaSimOptions;
  readonly store: SimStore;
  readonly clock: SimClock;
  readonly names: Names;
  readonly prices: PriceBook;
  readonly sender: Sender;
  readonly poster: Poster;
  /** The address of the simulator itself, for download addresses. */
  readonly url: () => string;
}

export type NodeOf<K extends NodeKind> = Extract<Node, { kind: K }>;

/** A node of a known kind; undefined when there is none. */
export async function nodeOf<K extends NodeKind>(world: World, kind: K, id: string): Promise<NodeOf<K> | undefined> {
  const node = await world.store.nodes.findOne({ _id: id });
  return node?.kind === kind ? (node as NodeOf<K>) : undefined;
}

export async function requireNode<K extends NodeKind>(world: World, kind: K, id: string): Promise<NodeOf<K>> {
  const node = await nodeOf(world, kind, id);
  if (node === undefined) throw new Error(`There is no ${kind} ${id} in the simulator.`);
  return node;
}

/** Changes fields of a node; the caller knows its kind. */
export async function change<K extends NodeKind>(
  world: World,
  node: NodeOf<K>,
  fields: Partial<NodeOf<K>>,
): Promise<void> {
  await world.store.nodes.updateOne({ _id: node._id }, { $set: fields as Partial<Node> });
}

export interface Report {
  /** The account, or our portfolio for partner events. */
  readonly entryId: string;
  readonly field: string;
  readonly value: Record<string, unknown>;
  /** The account whose subscription decides; absent for events that go to the app in any case. */
  readonly wabaId?: string;
  /** Names the report, so that a repetition after a crash does not post it twice. */
  readonly id?: string;
}

/** Keeps a webhook body and hands it to the sender. Without a subscriber it is kept as unwanted, so that its loss can be seen. */
export async function emit(world: World, report: Report): Promise<void> {
  const now = world.clock.now();
  const seq = await reserve(world.store, "delivery");
  const url = await subscriberOf(world, report);
  const row: DeliveryRow = {
    _id: report.id ?? `report:${seq}`,
    seq,
    dueAt: now,
    url: url ?? "",
    body: encodeBody(envelope(report.entryId, now, report)),
    state: url === undefined ? "unwanted" : "pending",
    keys: [`${report.entryId}:${report.field}`],
    field: report.field,
  };
  await onceOnly(async () => world.store.deliveries.insertOne(row));
  if (url !== undefined) background(world, world.sender.sendDue(now));
}

async function subscriberOf(world: World, report: Report): Promise<string | undefined> {
  const app = await appWebhook(world);
  if (app?.fields.includes(report.field) !== true) return undefined;
  if (report.wabaId === undefined) return app.callbackUrl;
  const waba = await nodeOf(world, "waba", report.wabaId);
  if (waba?.subscribed !== true) return undefined;
  return report.field === "messages" ? (waba.override?.callbackUri ?? app.callbackUrl) : app.callbackUrl;
}

export async function appWebhook(world: World): Promise<AppRow | undefined> {
  return (await world.store.app.findOne({ _id: "app" })) ?? undefined;
}

/** Lets work go on without being waited for; a failure is a bug and is logged. */
export function background(world: World, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    world.options.log?.warn({ err: error }, "background work of the local Meta failed");
  });
}

/** Something Meta will do at a time of its own. */
export async function schedule(world: World, job: Omit<JobRow, "_id">): Promise<void> {
  const _id = `${job.kind}:${job.about}:${job.submission ?? 0}`;
  await onceOnly(async () => world.store.jobs.insertOne({ _id, ...job }));
}

export const minutes = (count: number): number => count * 60_000;
export const days = (count: number): number => count * 86_400_000;
export const later = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);
