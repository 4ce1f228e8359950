import { buildSubgraph, type Subgraph } from "@greentick/graphql";
import {
  auditRefusals,
  type Outside,
  outboxRelay,
  refusalCollection,
  type Service,
  vaultDuties,
} from "@greentick/runtime";
import { type AskFeed } from "@greentick/contracts";
import { type WebhookConfig } from "./config.js";
import { usualOutgoing } from "./out-config.js";
import { incoming } from "./rooms/incoming.js";
import { type Network, outgoing } from "./rooms/outgoing.js";
import { allOf, type Room } from "./rooms/room.js";

export interface WebhookService extends Service<Subgraph> {
  /** What somebody who listens to server-sent events is told next. */
  readonly feed: AskFeed;
}

/**
 * The door: webhooks of Meta and Stripe in, kept before they are acknowledged, cut into updates, handed to their tenants; and out again, what
 * clients want to be told of, signed. `network` replaces the way out in tests.
 */
export async function buildWebhookService(
  config: WebhookConfig,
  outside: Outside,
  network: Partial<Network> = {},
): Promise<WebhookService> {
  const { database, bus, log } = outside;
  const refusals = auditRefusals(database, "webhook");
  const received = incoming({ config, outside, refusals });
  const sent = outgoing({ config: config.outgoing ?? usualOutgoing, outside, refusals, network });
  const rooms: readonly Room[] = [received, sent, { ...vaultDuties("webhook", outside), stores: [] }];
  return {
    name: "webhook",
    schema: await buildSubgraph({
      name: "webhook",
      missed: refusals.missed,
      denied: refusals.denied,
      resolvers: allOf(rooms, "resolvers"),
      entities: Object.assign({}, ...rooms.map((room) => room.entities ?? {})) as NonNullable<Room["entities"]>,
    }),
    routes: allOf(rooms, "routes"),
    internal: allOf(rooms, "internal"),
    handlers: allOf(rooms, "handlers"),
    timers: [],
    jobs: [
      ...allOf(rooms, "jobs"),
      outboxRelay({ database, collections: [refusalCollection, ...allOf(rooms, "collections")], bus, log }),
    ],
    indexes: async () => {
      await Promise.all([refusals.ensureIndexes(), ...allOf(rooms, "stores").map((store) => store.ensureIndexes())]);
    },
    health: received.health,
    feed: sent.feed,
    close: sent.close,
  };
}
