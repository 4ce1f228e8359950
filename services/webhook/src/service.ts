import { buildSubgraph, type Subgraph } from "@greentick/graphql";
import { AppError, systemScope } from "@greentick/kernel";
import {
  auditRefusals,
  type Bus,
  dataSubjectConsumer,
  type DeadLetter,
  fitsRecord,
  type Job,
  type Outside,
  outboxRelay,
  refusalCollection,
  type Service,
  vaultDuties,
} from "@greentick/runtime";
import { holdEvents } from "./adapters/events/on-legal-holds.js";
import { ownerEvents } from "./adapters/events/on-owner-events.js";
import { WebhookResolver } from "./adapters/graphql/webhook.resolver.js";
import { doorLog } from "./adapters/http/door-log.js";
import { webhookRoutes } from "./adapters/http/webhook-routes.js";
import { metaFragment, metaReader } from "./adapters/meta/meta-reader.js";
import { personBlanker } from "./adapters/meta/people.js";
import { mongoErasedPeople } from "./adapters/mongo/erased-people.js";
import { mongoLegalHolds } from "./adapters/mongo/legal-holds.js";
import { mongoOwners } from "./adapters/mongo/owners.js";
import { mongoQuarantine } from "./adapters/mongo/quarantine.js";
import { mongoRawLog } from "./adapters/mongo/raw-log.js";
import { stripeReader } from "./adapters/stripe/stripe-reader.js";
import { stripeVerifier } from "./adapters/stripe/verify.js";
import { type WebhookConfig } from "./config.js";
import { type BodyReader, type WebhookPorts } from "./ports.js";
import { eraseOfPerson, eraseOldBodies, findOfPerson } from "./usecases/data-duties.js";
import {
  type DeadLetterPorts,
  readDeadLetters,
  redeliverDeadLetter,
  type ShownDeadLetter,
} from "./usecases/dead-letters.js";
import { readDoor, readUpdate } from "./usecases/read-update.js";
import { releaseAccount } from "./usecases/release-account.js";
import { splitBodies } from "./usecases/split-bodies.js";

/** The door: webhooks of Meta and Stripe in, kept before they are acknowledged, cut into updates, handed to their tenants. */
export async function buildWebhookService(config: WebhookConfig, outside: Outside): Promise<Service<Subgraph>> {
  const { database, bus, clocks, sealer, log } = outside;
  const rawLog = mongoRawLog({ database, sealer, randomBytes: outside.randomBytes, now: clocks.system });
  const owners = mongoOwners(database);
  const quarantine = mongoQuarantine(database);
  const refusals = auditRefusals(database, "webhook");
  const blind = (purpose: string, value: string): string => sealer.blindKey(purpose, value);
  const readMeta = metaReader(config.meta.ownIds, blind);
  const read: BodyReader = (body) => (body.provider === "meta" ? readMeta(body) : stripeReader(body));
  const ports: WebhookPorts = {
    rawLog,
    owners,
    quarantine,
    erasedPeople: mongoErasedPeople(database),
    holds: mongoLegalHolds(database),
    blank: personBlanker(blind),
    read,
    publish: bus.publish,
    carries: fitsRecord,
    businessNow: (livemode) => clocks.business(livemode)(),
    now: clocks.system,
  };
  const splitter = splitJob(ports, clocks.refresh);
  const letters = deadLetterPorts(bus);
  const duties = vaultDuties("webhook", outside);
  const verbs = {
    readUpdate: readUpdate(ports, metaFragment),
    readDoor: refusals.refusing("readDoor", readDoor(ports)),
    readDeadLetters: readDeadLetters(letters),
    redeliver: refusals.refusing("redeliverDeadLetter", redeliverDeadLetter(letters)),
  };
  return {
    name: "webhook",
    schema: await buildSubgraph({
      name: "webhook",
      missed: refusals.missed,
      denied: refusals.denied,
      resolvers: [new WebhookResolver(verbs)],
      entities: {
        WebhookUpdate: {
          permission: "webhook:read",
          load: (call, ids) => Promise.all(ids.map((id) => orMissing(verbs.readUpdate(call, id)))),
        },
      },
    }),
    routes: webhookRoutes({
      appSecrets: config.meta.appSecrets,
      verifyToken: config.meta.verifyToken,
      stripeEventId: stripeVerifier(config.stripe.secrets, clocks.system),
      rawLog,
      log: doorLog(outside.metrics, log, clocks.system),
      kept: splitter.wake,
      now: clocks.system,
    }),
    handlers: [
      dataSubjectConsumer(outside, {
        service: "webhook",
        holder: "webhook",
        searched: "updates of the person in the kept webhook bodies",
        keptBecause: "the SHA-256 of each body as it came, which proves charges and names nobody",
        find: findOfPerson(ports, metaFragment),
        erase: eraseOfPerson(ports),
      }),
      { name: "webhook.holds", on: holdEvents(ports.holds) },
      { name: "webhook.owners", on: ownerEvents({ owners, release: releaseAccount(ports), nudge: splitter.wake }) },
      ...duties.handlers,
    ],
    timers: [],
    jobs: [
      splitter.job,
      { name: "webhook.retention", everyMs: 3_600_000, run: eraseOldBodies(ports, config.rawRetentionDays) },
      outboxRelay({ database, collections: [refusalCollection], bus, log }),
      ...duties.jobs,
    ],
    indexes: async () => {
      await Promise.all([rawLog.ensureIndexes(), quarantine.ensureIndexes(), refusals.ensureIndexes()]);
    },
    health: async () => ({ ok: true, detail: { waiting: await rawLog.backlog(systemScope("webhook-routing")) } }),
    close: () => Promise.resolve(),
  };
}

/** The splitter as a job that the door can wake. */
function splitJob(ports: WebhookPorts, refresh: () => Promise<void>): { readonly job: Job; readonly wake: () => void } {
  let wakeJob = (): void => undefined;
  const split = splitBodies(ports);
  return {
    wake: () => {
      wakeJob();
    },
    job: {
      name: "webhook.split",
      everyMs: 1_000,
      run: async () => {
        await refresh();
        return split();
      },
      waiting: async () => (await ports.rawLog.backlog(systemScope("webhook-split"))) > 0,
      onWake: (wake) => {
        wakeJob = wake;
      },
    },
  };
}

const deadLetterPorts = (bus: Bus): DeadLetterPorts => ({
  list: async () => (await bus.deadLetters()).map(shown),
  find: async (id) => (await bus.deadLetters({ id })).map(shown)[0],
  redeliver: bus.redeliver,
});

const shown = ({ id, consumer, event, reason, tries, error, at }: DeadLetter): ShownDeadLetter => ({
  id,
  consumer,
  eventType: event.type,
  tenantId: event.tenantId,
  reason,
  tries,
  error,
  at,
});

/** A foreign or missing update is missing to a reference; every other refusal stays one. */
const orMissing = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof AppError && error.code === "NOT_FOUND") return undefined;
    throw error;
  });
