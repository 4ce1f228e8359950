import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BillingConfig, buildBillingService } from "@greentick/billing";
import { eventCatalogue, wabaLinked } from "@greentick/contracts";
import { offlineOutside, shapeOnlyEnv } from "@greentick/gateway";
import { type EventEnvelope } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import { buildOnboardingService, OnboardingConfig } from "@greentick/onboarding";
import { type HttpHost, replyError, type Service, silentLog, startHttpHost } from "@greentick/runtime";
import { buildTemplateService, TemplateConfig } from "@greentick/template";
import { buildTenantService, TenantConfig } from "@greentick/tenant";
import { aTenantCreated, anEvent, serviceWorld, someTenants } from "@greentick/testing";
import { buildWebhookService, WebhookConfig } from "@greentick/webhook";

const samples = join(__dirname, "../webhook-samples");
const files = readdirSync(samples).filter((name) => name.endsWith(".json") && name !== "expected.json");
const portfolio = "410925736184205";
const secret = "an-app-secret-of-tests";
const accounts = ["318274650192837", "427163905281746", "556182930475610"];

/** Whose business each sample is, by the beginning of its name, the longest that fits: the event that carries it, and the services that act on it. */
const owned: Readonly<Record<string, readonly string[]>> = {
  "account-": ["report.account -> billing, onboarding"],
  "business-": ["report.account -> billing, onboarding"],
  "partner-solutions": ["report.account -> billing, onboarding"],
  "payment-configuration": ["report.account -> billing, onboarding"],
  "phone-": ["report.number -> onboarding"],
  security: ["report.number -> onboarding"],
  "template-": ["report.template -> template"],
  "messages-": ["message.received -> onboarding"],
  "messages-batch": ["message.received -> onboarding", "status.received -> billing"],
  "status-": ["status.received -> billing"],
  /** What users say beside messages, and what they said in the Business App: nobody's yet, so the door keeps, counts and shows it. */
  history: ["report.unknown -> "],
  "smb-": ["report.unknown -> "],
  "user-preferences": ["report.unknown -> "],
};
const expectedOf = (file: string): readonly string[] => {
  const beginnings = Object.keys(owned).filter((beginning) => file.startsWith(beginning));
  const longest = beginnings.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? [] : (owned[longest] ?? []);
};

type Hearing = ReadonlyMap<string, ReadonlySet<string>>;

/** Which services act on which events, by the tables they are built with. The trail, which writes down everything, is no owner. */
async function whoHears(): Promise<Hearing> {
  const services: readonly Service[] = await Promise.all([
    buildTenantService(TenantConfig.parse(shapeOnlyEnv), offlineOutside("tenant")),
    buildOnboardingService(OnboardingConfig.parse(shapeOnlyEnv), offlineOutside("onboarding")),
    buildTemplateService(TemplateConfig.parse(shapeOnlyEnv), offlineOutside("template")),
    buildBillingService(BillingConfig.parse(shapeOnlyEnv), offlineOutside("billing")),
  ]);
  const hearing = new Map<string, Set<string>>();
  for (const { name, handlers } of services)
    for (const { name: consumer, on, batch } of handlers.filter((one) => one.name !== "tenant.audit"))
      for (const { type } of batch?.events ?? on.map(({ event }) => event)) {
        expect(consumer.startsWith(`${name}.`)).toBe(true);
        hearing.set(type, (hearing.get(type) ?? new Set()).add(name));
      }
  return hearing;
}

describe("every sample webhook arrives at the service that owns it", () => {
  const config = WebhookConfig.parse({
    ...shapeOnlyEnv,
    META_APP_SECRETS: secret,
    META_OWN_IDS: `${portfolio},1029384756473829`,
  });
  const world = serviceWorld("samplesheard", (outside) => buildWebhookService(config, outside));
  const seen: EventEnvelope[] = [];
  let host: HttpHost;
  let hearing: Hearing;
  beforeAll(async () => {
    hearing = await whoHears();
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
    const events = eventCatalogue.filter((one) => ["status", "message", "report"].includes(one.stream));
    const handle = (some: readonly EventEnvelope[]): Promise<void> => Promise.resolve(void seen.push(...some));
    await world.bus.consume({ name: "test.heard", on: [], batch: { events, handle, batchSize: 500 } });
    await world.given(aTenantCreated(world.call({ tenantId: someTenants.provider })));
    for (const wabaId of accounts)
      await world.given(
        anEvent(world.call(), wabaLinked, {
          wabaId,
          recordId: `wab_${wabaId}`,
          metaBusinessId: "1",
          name: "Account",
          currency: "USD",
          timeZone: "America/Bogota",
          from: new Date(),
        }),
      );
    for (const file of files) {
      const body = readFileSync(join(samples, file));
      const headers = { "x-hub-signature-256": signBody(secret, body) };
      const sent = { method: "POST", body: new Uint8Array(body), headers };
      const { status } = await fetch(`${host.url}/webhooks/meta`, sent);
      if (status !== 200) throw new Error(`The door answered ${file} with ${status}.`);
    }
    await world.settle();
  });
  afterAll(() => host.close());

  it.each(files)("%s", (file) => {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(samples, file)))
      .digest("hex");
    const types = new Set(seen.filter(({ source }) => source?.sha256 === sha256).map(({ type }) => type));
    const heard = [...types].map((type) => `${type} -> ${[...(hearing.get(type) ?? [])].toSorted().join(", ")}`);
    expect(heard.toSorted()).toEqual(expectedOf(file));
  });
});
