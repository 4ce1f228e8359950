import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type AskFeed, feedPath, feedQuestion, publishedKinds, type PublishedKind } from "@greentick/contracts";
import { type DeliveryId, makeId } from "@greentick/kernel";
import { type auditRefusals, type Job, type Outside } from "@greentick/runtime";
import { outgoingConsumers } from "../adapters/events/on-published.js";
import { DeliveryResolver } from "../adapters/graphql/delivery.resolver.js";
import { EndpointResolver } from "../adapters/graphql/endpoint.resolver.js";
import { mongoDeliveries } from "../adapters/mongo/deliveries.js";
import { endpointCollection, mongoEndpointStore } from "../adapters/mongo/endpoint-store.js";
import { mongoEventLog } from "../adapters/mongo/event-log.js";
import { mongoLanes } from "../adapters/mongo/lanes.js";
import { mongoLegalHolds } from "../adapters/mongo/legal-holds.js";
import { mongoLine } from "../adapters/mongo/line.js";
import { hostProblem, type Resolve, systemResolve } from "../adapters/net/addresses.js";
import { sender } from "../adapters/net/sender.js";
import { standardSignature } from "../adapters/net/sign.js";
import { vaultSealed } from "../adapters/vault/sealed.js";
import { type OutgoingConfig } from "../out-config.js";
import { deliverer, type DelivererLimits, usualLimits } from "../usecases/out/deliverer.js";
import { closeEndpoints, eraseEndpoints, eraseOldDeliveries, switchOff } from "../usecases/out/endpoint-duties.js";
import { feed } from "../usecases/out/feed.js";
import {
  createEndpoint,
  deleteWebhooks,
  disableWebhooks,
  enableWebhooks,
  rotateWebhookSecret,
  updateEndpoint,
} from "../usecases/out/manage-endpoints.js";
import { publishEvents } from "../usecases/out/publish-events.js";
import { shownEvents } from "../usecases/out/published.js";
import {
  listDeliveries,
  listEndpoints,
  readBody,
  readDelivery,
  readEndpoint,
  readEndpointHealth,
  readKinds,
  readResponse,
} from "../usecases/out/read-deliveries.js";
import { previewWebhook, redeliverOne, redeliverRange, sendTest } from "../usecases/out/send-by-hand.js";
import { type Room } from "./room.js";

/** The way out, as far as a test wants another one. */
export interface Network {
  readonly resolve: Resolve;
  readonly timeouts: { readonly connectMs: number; readonly totalMs: number };
  readonly limits: DelivererLimits;
  readonly kinds: readonly PublishedKind[];
  readonly systemNow: () => Date;
  readonly random: () => number;
}

export interface OutgoingParts {
  readonly config: OutgoingConfig;
  readonly outside: Outside;
  readonly refusals: ReturnType<typeof auditRefusals>;
  readonly network: Partial<Network>;
}

export interface OutgoingRoom extends Room {
  readonly feed: AskFeed;
  readonly close: () => Promise<void>;
}

/** What clients are told: where they want it, what was sent, and what is on its way. */
export function outgoing(parts: OutgoingParts): OutgoingRoom {
  const { outside, config } = parts;
  const stores = storesOf(outside);
  const common = commonOf(parts, stores);
  const off = switchOff(common);
  const out = sender({
    resolve: systemResolve,
    allowPrivate: config.allowPrivate,
    ...parts.network,
    systemNow: common.systemNow,
  });
  const pump = deliverer(
    {
      ...common,
      send: out.send,
      random: parts.network.random ?? randomShare(outside),
      disable: off,
      counted: counting(outside),
      pause: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
      failed: (error, { endpointId }) => {
        outside.log.error({ err: error, endpointId }, "deliveries of an endpoint were broken off and go on soon");
      },
      refreshClocks: outside.clocks.refresh,
    },
    parts.network.limits ?? usualLimits,
  );
  const job = pumpJob(pump);
  const ports = {
    ...common,
    queued: () => {
      pump.wake();
      job.wake();
    },
  };
  const askFeed = feed({ ...ports, log: stores.events });
  return {
    resolvers: resolversOf(ports, parts),
    internal: [
      {
        path: feedPath,
        answer: async (question) => askFeed(feedQuestion.parse(question), new AbortController().signal),
      },
    ],
    handlers: outgoingConsumers({
      shown: shownEvents.map(({ from }) => from),
      publish: publishEvents({ ...ports, log: stores.events }),
      close: closeEndpoints(ports),
      erase: eraseEndpoints(ports),
    }),
    jobs: [
      job.job,
      { name: "webhook.delivery_retention", everyMs: 3_600_000, run: eraseOldDeliveries(ports, config.retentionDays) },
    ],
    stores: [stores.endpoints, stores.deliveries, stores.lanes, stores.events],
    collections: [endpointCollection],
    feed: askFeed,
    close: async () => {
      await pump.stop();
      await out.close();
      stores.events.close();
    },
  };
}

const storesOf = ({ database, vault, clocks }: Outside) => ({
  endpoints: mongoEndpointStore(database),
  deliveries: mongoDeliveries(database),
  lanes: mongoLanes(database),
  line: mongoLine(database),
  events: mongoEventLog({ database, vault, now: clocks.system }),
  holds: mongoLegalHolds(database),
});

const commonOf = ({ outside, config, network }: OutgoingParts, stores: ReturnType<typeof storesOf>) => ({
  ...stores,
  kinds: network.kinds ?? publishedKinds,
  sealed: vaultSealed(outside.vault),
  sign: standardSignature,
  systemNow: network.systemNow ?? outside.clocks.system,
  businessNow: (livemode: boolean) => outside.clocks.business(livemode)(),
  deliveryId,
  urls: { allowPrivate: config.allowPrivate, addressProblem: hostProblem },
  newSecret: () => `whsec_${Buffer.from(outside.randomBytes(32)).toString("base64")}`,
  systemCall: (owner: Parameters<Outside["calls"]["system"]>[1]) => outside.calls.system("webhook", owner),
});

/** The same two always give the same id. */
const deliveryId = (endpointId: string, eventId: string, at: Date): DeliveryId =>
  makeId("delivery", at.getTime(), createHash("sha256").update(`${endpointId}/${eventId}`).digest().subarray(0, 10));

const randomShare =
  ({ randomBytes }: Outside) =>
  (): number =>
    Buffer.from(randomBytes(4)).readUInt32BE(0) / 2 ** 32;

function counting({ metrics }: Outside): (result: string) => void {
  const tries = metrics.counter("greentick_webhook_tries_total", "Tries of outgoing webhooks by what came of them", [
    "result",
  ]);
  return (result) => {
    tries.inc({ result });
  };
}

/** The job is the pump's look at the store; what is put into line in this process wakes it. */
function pumpJob({ run }: { readonly run: () => Promise<number> }): { readonly job: Job; readonly wake: () => void } {
  let wakeJob = (): void => undefined;
  const job: Job = {
    name: "webhook.deliver",
    everyMs: 1_000,
    everywhere: true,
    run,
    onWake: (wake) => {
      wakeJob = wake;
    },
  };
  return {
    job,
    wake: () => {
      wakeJob();
    },
  };
}

type Ports = ReturnType<typeof commonOf> & { readonly queued: () => void };

function resolversOf(ports: Ports, { refusals: { refusing } }: OutgoingParts): readonly object[] {
  return [
    new EndpointResolver({
      list: listEndpoints(ports),
      read: readEndpoint(ports),
      health: readEndpointHealth(ports),
      kinds: readKinds(ports),
      create: refusing("createWebhookEndpoint", createEndpoint(ports)),
      update: refusing("updateWebhookEndpoint", updateEndpoint(ports)),
      enable: refusing("enableWebhookEndpoint", enableWebhooks(ports)),
      disable: refusing("disableWebhookEndpoint", disableWebhooks(ports)),
      remove: refusing("deleteWebhookEndpoint", deleteWebhooks(ports)),
      rotate: refusing("rotateWebhookSecret", rotateWebhookSecret(ports)),
    }),
    new DeliveryResolver({
      list: listDeliveries(ports),
      read: readDelivery(ports),
      response: readResponse(ports),
      body: readBody(ports),
      test: refusing("sendTestWebhook", sendTest(ports)),
      preview: refusing("webhookPreview", previewWebhook(ports)),
      again: refusing("redeliverWebhook", redeliverOne(ports)),
      range: refusing("redeliverWebhooks", redeliverRange(ports)),
    }),
  ];
}
