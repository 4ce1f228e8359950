import { buildSubgraph, type Entity, type Subgraph } from "@greentick/graphql";
import { type Call, type TenantId } from "@greentick/kernel";
import { metaClient } from "@greentick/meta";
import {
  auditRefusals,
  type ConsumerSpec,
  durableTimers,
  outboxRelay,
  type Outside,
  refusalCollection,
  type RefusalAudit,
  type Service,
  tenantDirectory,
  type TenantDirectory,
  vaultDuties,
} from "@greentick/runtime";
import { metaConsumer, ownConsumer } from "./adapters/events/consumers.js";
import { onboardingTimers } from "./adapters/events/timers.js";
import { PhoneNumberResolver, WabaResolver } from "./adapters/graphql/account.resolver.js";
import { toPhoneNumber, toWaba } from "./adapters/graphql/account.types.js";
import { BadgeResolver } from "./adapters/graphql/badge.resolver.js";
import { toBadgeRequest } from "./adapters/graphql/badge.types.js";
import { SignupResolver } from "./adapters/graphql/signup.resolver.js";
import { toSignupCase } from "./adapters/graphql/signup.types.js";
import { accessByMode, type MetaAccess, metaOnboarding } from "./adapters/meta/meta-onboarding.js";
import {
  mongoBadgeRequests,
  mongoPhoneNumbers,
  mongoSignupCases,
  mongoWabas,
  onboardingCollections,
} from "./adapters/mongo/stores.js";
import { numberingPlan } from "./adapters/phone/numbering-plan.js";
import { pinFrom, sealedVault } from "./adapters/vault/sealed-vault.js";
import { type OnboardingConfig } from "./config.js";
import { type OnboardingPorts } from "./ports.js";
import { carryBadge } from "./usecases/carry-badge.js";
import { addBadgeEvidence, withdrawBadgeEvidence } from "./usecases/change-badge-evidence.js";
import { checkSignup, scheduleSignup } from "./usecases/check-signup.js";
import {
  abandonSignupCase,
  requestCodeAgain,
  retrySignupStep,
  submitVerificationCode,
} from "./usecases/move-signup-case.js";
import { noteFirstInbound } from "./usecases/note-first-inbound.js";
import { noteAccountReport, noteNumberReport } from "./usecases/note-reports.js";
import { openBadgeRequest } from "./usecases/open-badge-request.js";
import { openSignupCase } from "./usecases/open-signup-case.js";
import { readBadgeOutlook, type Reader, readerOf } from "./usecases/read-onboarding.js";
import { decideBadgeReview, submitBadgeForReview } from "./usecases/review-badge.js";
import { runSignupStep } from "./usecases/run-signup-step.js";
import { planSync, syncNumber } from "./usecases/sync-number.js";

interface Stores {
  readonly cases: ReturnType<typeof mongoSignupCases>;
  readonly wabas: ReturnType<typeof mongoWabas>;
  readonly numbers: ReturnType<typeof mongoPhoneNumbers>;
  readonly badges: ReturnType<typeof mongoBadgeRequests>;
}

/** The wiring: outside things in, the service out. One wiring for a process of its own, for the whole platform in one, and for tests. */
export async function buildOnboardingService(config: OnboardingConfig, outside: Outside): Promise<Service<Subgraph>> {
  const { database, bus, calls, clocks, log } = outside;
  const directory = tenantDirectory(database);
  const refusals = auditRefusals(database, "onboarding");
  const timers = durableTimers({ database, calls, clocks, log });
  const stores = storesOf(outside);
  const ports = portsOf(config, outside, { stores, directory, timers });
  const work = workOf(ports);
  const specs = onboardingTimers(work);
  const duties = vaultDuties("onboarding", outside);
  return {
    name: "onboarding",
    schema: await subgraphOf(ports, refusals),
    routes: [],
    handlers: [ownConsumer(work), metaConsumer(work), tenantsConsumer(directory), ...duties.handlers],
    timers: specs,
    jobs: [
      outboxRelay({ database, bus, log, collections: [...onboardingCollections, refusalCollection] }),
      timers.job(specs),
      ...duties.jobs,
    ],
    indexes: async () => {
      for (const store of Object.values(stores) as readonly { ensureIndexes: () => Promise<void> }[])
        await store.ensureIndexes();
      await Promise.all([timers.indexes(), directory.ensureIndexes(), refusals.ensureIndexes()]);
    },
    health: async () => {
      await database.db.command({ ping: 1 });
      return { ok: true, detail: { sandbox: config.meta.sandboxGraphUrl !== undefined } };
    },
    close: () => Promise.resolve(),
  };
}

const storesOf = ({ database }: Outside): Stores => ({
  cases: mongoSignupCases(database),
  wabas: mongoWabas(database),
  numbers: mongoPhoneNumbers(database),
  badges: mongoBadgeRequests(database),
});

interface Parts {
  readonly stores: Stores;
  readonly directory: TenantDirectory;
  readonly timers: OnboardingPorts["reminders"];
}

function portsOf(config: OnboardingConfig, outside: Outside, { stores, directory, timers }: Parts): OnboardingPorts {
  const { graphUrl, sandboxGraphUrl } = config.meta;
  const sandbox = sandboxGraphUrl === undefined ? undefined : accessTo(config, outside, sandboxGraphUrl);
  return {
    ...stores,
    meta: metaOnboarding(accessByMode(accessTo(config, outside, graphUrl), sandbox)),
    vault: sealedVault(outside.vault),
    newPin: pinFrom(outside.randomBytes),
    plan: numberingPlan,
    clients: { statusOf: async (tenantId) => (await directory.find(tenantId as TenantId))?.status },
    reminders: timers,
  };
}

function accessTo({ meta }: OnboardingConfig, { log }: Outside, baseUrl: string): MetaAccess {
  const { version, appId, appSecret, timeoutMs, systemToken, creditLineId } = meta;
  const retry = { attempts: 4, startingDelayMs: 200, maxDelayMs: 5_000 };
  return {
    client: metaClient({ baseUrl, version, appId, appSecret, timeoutMs, retry, log }),
    appId,
    systemToken,
    creditLineId,
  };
}

const workOf = (
  ports: OnboardingPorts,
): Parameters<typeof ownConsumer>[0] & Parameters<typeof onboardingTimers>[0] => ({
  runStep: runSignupStep(ports),
  schedule: scheduleSignup(ports),
  checkSignup: checkSignup(ports),
  carryBadge: carryBadge(ports),
  planSync: planSync(ports),
  syncNumber: syncNumber(ports),
  noteFirstInbound: noteFirstInbound(ports),
  noteNumber: noteNumberReport(ports),
  noteAccount: noteAccountReport(ports),
});

const tenantsConsumer = (directory: TenantDirectory): ConsumerSpec => ({
  name: "onboarding.tenants",
  on: directory.handlers,
});

function subgraphOf(ports: OnboardingPorts, { refusing, missed, denied }: RefusalAudit): Promise<Subgraph> {
  const cases = readerOf(ports.cases, "onboarding:read");
  const wabas = readerOf(ports.wabas, "onboarding:read");
  const numbers = readerOf(ports.numbers, "onboarding:read");
  const badges = readerOf(ports.badges, "badge:read");
  const signup = new SignupResolver({
    cases,
    wabas,
    numbers,
    open: refusing("openSignupCase", openSignupCase(ports)),
    submitCode: refusing("submitVerificationCode", submitVerificationCode(ports)),
    requestCode: refusing("requestCodeAgain", requestCodeAgain(ports)),
    retry: refusing("retrySignupStep", retrySignupStep(ports)),
    abandon: refusing("abandonSignupCase", abandonSignupCase(ports)),
  });
  const badge = new BadgeResolver({
    badges,
    numbers,
    outlook: readBadgeOutlook(ports),
    open: refusing("openBadgeRequest", openBadgeRequest(ports)),
    addEvidence: refusing("addBadgeEvidence", addBadgeEvidence(ports)),
    withdrawEvidence: refusing("withdrawBadgeEvidence", withdrawBadgeEvidence(ports)),
    submit: refusing("submitBadgeForReview", submitBadgeForReview(ports)),
    decide: refusing("decideBadgeReview", decideBadgeReview(ports)),
  });
  return buildSubgraph({
    name: "onboarding",
    missed,
    denied,
    resolvers: [signup, new WabaResolver({ wabas, numbers }), new PhoneNumberResolver({ wabas, numbers }), badge],
    entities: {
      SignupCase: { permission: "onboarding:read", load: loadOf(cases, toSignupCase) },
      Waba: { permission: "onboarding:read", load: loadOf(wabas, toWaba) },
      PhoneNumber: { permission: "onboarding:read", load: loadOf(numbers, toPhoneNumber) },
      BadgeRequest: { permission: "badge:read", load: loadOf(badges, toBadgeRequest) },
    },
  });
}

const loadOf =
  <S>({ getMany }: Reader<S>, toWire: (one: S) => object): Entity["load"] =>
  async (call: Call, ids) =>
    (await getMany(call, ids)).map((one) => one && toWire(one));
