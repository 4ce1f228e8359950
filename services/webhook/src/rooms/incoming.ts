import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { AppError, makeId, systemScope } from "@greentick/kernel";
import {
  type auditRefusals,
  type Courtesy,
  dataSubjectConsumer,
  fitsRecord,
  type Health,
  type Job,
  type Outside,
  publishingLost,
} from "@greentick/runtime";
import { busConsumers } from "../adapters/events/bus-consumers.js";
import { busDeadLetters } from "../adapters/events/dead-letter-box.js";
import { holdEvents } from "../adapters/events/on-legal-holds.js";
import { ownerEvents } from "../adapters/events/on-owner-events.js";
import { DoorResolver } from "../adapters/graphql/door.resolver.js";
import { WebhookResolver } from "../adapters/graphql/webhook.resolver.js";
import { doorLog } from "../adapters/http/door-log.js";
import { webhookRoutes } from "../adapters/http/webhook-routes.js";
import { digestOf, metaFragment, metaReader, receivedOf } from "../adapters/meta/meta-reader.js";
import { personBlanker } from "../adapters/meta/people.js";
import { mongoDoorTasks, taskCollection } from "../adapters/mongo/door-tasks.js";
import { mongoErasedPeople } from "../adapters/mongo/erased-people.js";
import { mongoLegalHolds } from "../adapters/mongo/legal-holds.js";
import { mongoOwners } from "../adapters/mongo/owners.js";
import { mongoQuarantine } from "../adapters/mongo/quarantine.js";
import { mongoRawLog } from "../adapters/mongo/raw-log.js";
import { mongoUnknownUpdates } from "../adapters/mongo/unknown-updates.js";
import { stripeReader } from "../adapters/stripe/stripe-reader.js";
import { stripeVerifier } from "../adapters/stripe/verify.js";
import { type WebhookConfig } from "../config.js";
import { type BodyReader, type RawLog, type WebhookPorts } from "../ports.js";
import { eraseOfPerson, eraseOldBodies, findOfPerson, notErased } from "../usecases/data-duties.js";
import { readDeadLetters, redeliverDeadLetter } from "../usecases/dead-letters.js";
import { findUpdates } from "../usecases/find-updates.js";
import {
  readDoorTask,
  readDoorTasks,
  redeliverDeadLetters,
  replayWebhooks,
  stopDoorTask,
} from "../usecases/open-tasks.js";
import { onReplayRequested } from "../adapters/events/on-ledger-replays.js";
import { openShadow } from "../usecases/shadow-replay.js";
import { publishLostSince } from "../usecases/publish-lost.js";
import { readDoor, readQuarantine, readUnknown, readUpdate } from "../usecases/read-update.js";
import { releaseAccount } from "../usecases/release-account.js";
import { type UpdateParts } from "../usecases/show-update.js";
import { splitBodies } from "../usecases/split-bodies.js";
import { workOnTasks, type WorkPorts } from "../usecases/work-on-tasks.js";
import { type Room } from "./room.js";

export interface IncomingParts {
  readonly config: WebhookConfig;
  readonly outside: Outside;
  readonly refusals: ReturnType<typeof auditRefusals>;
}

/** Everything behind a round of the splitter costs about the same for one body as for many, and nobody waits for it by the millisecond. */
const splitPaceMs = 50;

/** What the providers send: kept, cut, handed on, looked at, and replayed. */
export function incoming({ config, outside, refusals }: IncomingParts): Room & {
  readonly health: () => Promise<Health>;
} {
  const { clocks, log } = outside;
  const { lost, ports, stores } = makingGood(outside, incomingPorts(config, outside));
  const { rawLog } = ports;
  const { courtesy } = outside;
  const splitter = wakeableJob({
    name: "webhook.split",
    paceMs: splitPaceMs,
    run: splitting(ports, outside),
    waiting: async () => (await rawLog.backlog(systemScope("webhook-split"))) > 0,
  });
  const tasks = mongoDoorTasks(outside.database);
  const work = workPorts(ports, tasks, outside);
  const worker = wakeableJob({
    name: "webhook.tasks",
    run: workOnTasks(work),
    waiting: async () => (await tasks.running(systemScope("door-tasks"))).length > 0,
  });
  const read = readUpdate(partsOf(ports));
  return {
    resolvers: resolversOf({ ...work, wake: worker.wake }, { outside, refusals }),
    entities: {
      WebhookUpdate: {
        permission: "webhook:read",
        load: (call, ids) => Promise.all(ids.map((id) => orMissing(read(call, id)))),
      },
    },
    routes: webhookRoutes({
      appSecrets: config.meta.appSecrets,
      verifyToken: config.meta.verifyToken,
      stripeEventId: stripeVerifier(config.stripe.secrets, clocks.system),
      rawLog: { isFull: rawLog.isFull, keep: waitedFor(courtesy, rawLog.keep) },
      log: doorLog(outside.metrics, log, clocks.system),
      kept: splitter.wake,
      now: clocks.system,
    }),
    handlers: [
      ...handlersOf(ports, outside, splitter.wake),
      { name: "webhook.ledger_replays", on: onReplayRequested(openShadow({ ...work, wake: worker.wake })) },
    ],
    jobs: [
      splitter.job,
      worker.job,
      ...lost,
      { name: "webhook.retention", everyMs: 3_600_000, run: eraseOldBodies(ports, config.rawRetentionDays) },
    ],
    stores: [...stores, tasks],
    collections: [taskCollection],
    health: async () => ({ ok: true, detail: { waiting: await rawLog.backlog(systemScope("webhook-routing")) } }),
  };
}

const workPorts = (ports: WebhookPorts, tasks: WorkPorts["tasks"], { bus, calls }: Outside): WorkPorts => ({
  ...ports,
  tasks,
  letters: busDeadLetters(bus),
  wake: () => undefined,
  callFor: (operator) => calls.system("webhook", operator),
});

function resolversOf(
  work: WorkPorts,
  { outside, refusals }: Pick<IncomingParts, "outside" | "refusals">,
): readonly object[] {
  return [
    new WebhookResolver({
      readUpdate: readUpdate(partsOf(work)),
      readDoor: refusals.refusing("readDoor", readDoor({ ...work, consumers: () => busConsumers(outside.bus) })),
      findUpdates: findUpdates({ ...partsOf(work), keysOf: keysOf(outside), receivedOf }),
      redeliver: refusals.refusing("redeliverDeadLetter", redeliverDeadLetter(work)),
    }),
    new DoorResolver({
      readQuarantine: readQuarantine(work),
      readUnknown: readUnknown(work),
      readDeadLetters: readDeadLetters(work),
      replay: refusals.refusing("replayWebhooks", replayWebhooks(work)),
      redeliverAll: refusals.refusing("redeliverDeadLetters", redeliverDeadLetters(work)),
      stopTask: refusals.refusing("stopDoorTask", stopDoorTask(work)),
      readTask: readDoorTask(work),
      readTasks: readDoorTasks(work),
    }),
  ];
}

type IncomingPorts = ReturnType<typeof incomingPorts>;

/** A broker of its own may lose what it acknowledged: the kept bodies are the truth, and what is lost goes before what is new. */
function makingGood(
  { bus, database, log }: Outside,
  { ports, stores }: IncomingPorts,
): IncomingPorts & { readonly lost: readonly Job[] } {
  const publishSince = publishLostSince(ports);
  const { publish, publishLost } = publishingLost({ database, bus, log, name: "webhook", publishSince });
  const job: Job = { name: "webhook.lost", everyMs: 1_000, run: publishLost };
  return { ports: { ...ports, publish }, stores, lost: bus.broker === undefined ? [] : [job] };
}

const handlersOf = (ports: WebhookPorts, outside: Outside, nudge: () => void): NonNullable<Room["handlers"]> => [
  dataSubjectConsumer(outside, {
    service: "webhook",
    holder: "webhook",
    searched: "updates of the person in the kept webhook bodies",
    keptBecause: "the SHA-256 of each body as it came, which proves charges and names nobody",
    find: findOfPerson(ports, metaFragment),
    erase: eraseOfPerson(ports),
    notErased: notErased(ports),
  }),
  { name: "webhook.holds", on: holdEvents(ports.holds) },
  { name: "webhook.owners", on: ownerEvents({ owners: ports.owners, release: releaseAccount(ports), nudge }) },
];

/** What the ports of the incoming side stand on. */
export type Ground = Pick<Outside, "database" | "sealer" | "log" | "randomBytes" | "metrics"> & {
  readonly bus: Pick<Outside["bus"], "publish">;
  readonly clocks: Pick<Outside["clocks"], "system" | "business">;
  readonly courtesy: Pick<Courtesy, "isQueue">;
};

export function incomingPorts(
  config: Pick<WebhookConfig, "meta" | "storePatienceMs">,
  { database, bus, clocks, courtesy, sealer, log, randomBytes, metrics }: Ground,
): { readonly ports: WebhookPorts; readonly stores: Room["stores"] } {
  const bounds = config.storePatienceMs === undefined ? {} : { stuckMs: config.storePatienceMs };
  const rawLog = mongoRawLog({ database, sealer, randomBytes, now: clocks.system, bounds });
  const quarantine = mongoQuarantine(database);
  const unknown = mongoUnknownUpdates(database);
  const blind = (purpose: string, value: string): string => sealer.blindKey(purpose, value);
  const readMeta = metaReader(config.meta.ownIds, blind);
  const read: BodyReader = (body) => (body.provider === "meta" ? readMeta(body) : stripeReader(body));
  const broken = metrics.counter("greentick_webhook_updates_broken_total", "Updates that our own code failed to read");
  const ports: WebhookPorts = {
    rawLog,
    owners: mongoOwners(database),
    quarantine,
    unknown,
    erasedPeople: mongoErasedPeople(database),
    holds: mongoLegalHolds(database),
    blank: personBlanker(blind),
    read,
    replayedId: (replayId, about, at) =>
      makeId("event", at.getTime(), createHash("sha256").update(`${replayId}\0${about}`).digest().subarray(0, 10)),
    digest: digestOf,
    publish: bus.publish,
    carries: fitsRecord,
    broken: (error, updateId) => {
      broken.inc();
      log.error({ err: error, updateId }, "an update could not be read by our own code, it waits in quarantine");
    },
    breathe: () => setImmediate(),
    isQueue: courtesy.isQueue,
    businessNow: (livemode) => clocks.business(livemode)(),
    now: clocks.system,
  };
  return { ports, stores: [rawLog, quarantine, unknown] };
}

const partsOf = ({ rawLog, owners, read }: WebhookPorts): UpdateParts => ({
  rawLog,
  owners,
  read,
  fragmentOf: ({ provider, body }, index) => (provider === "meta" ? metaFragment(body, index) : body.toString("utf8")),
  sha256Of: (body) => createHash("sha256").update(body).digest("hex"),
});

const keysOf =
  ({ sealer }: Outside) =>
  (id: string): readonly string[] =>
    ["message", "conversation"].map((purpose) => sealer.blindKey(purpose, id));

const splitting = (ports: WebhookPorts, { clocks, courtesy }: Outside): (() => Promise<number>) => {
  const split = splitBodies(ports);
  return async () => {
    await clocks.refresh();
    return courtesy.giveWay(split);
  };
};

/** A provider waits for its answer until the body is kept: what is behind the door gives way. */
const waitedFor =
  ({ waits }: Courtesy, keep: RawLog["keep"]): RawLog["keep"] =>
  async (arrival) => {
    const over = waits();
    try {
      return await keep(arrival);
    } finally {
      over();
    }
  };

/** A job that something in this process wakes when there is work. */
function wakeableJob(about: Pick<Job, "name" | "run" | "waiting" | "paceMs">): {
  readonly job: Job;
  readonly wake: () => void;
} {
  let wakeJob = (): void => undefined;
  return {
    wake: () => {
      wakeJob();
    },
    job: {
      ...about,
      everyMs: 1_000,
      onWake: (wake) => {
        wakeJob = wake;
      },
    },
  };
}

/** A foreign or missing update is missing to a reference; every other refusal stays one. */
const orMissing = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof AppError && error.code === "NOT_FOUND") return undefined;
    throw error;
  });
