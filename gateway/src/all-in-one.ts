import { BillingConfig, type BillingService, buildBillingService } from "@greentick/billing";
import {
  configsOf,
  type Env,
  HostConfig,
  opening,
  openSurroundings,
  StoreConfig,
  type Subgraph,
} from "@greentick/graphql";
import { type Log } from "@greentick/kernel";
import { buildOnboardingService, OnboardingConfig } from "@greentick/onboarding";
import { type Outside, type Service } from "@greentick/runtime";
import { buildTemplateService, TemplateConfig } from "@greentick/template";
import { buildTenantService, TenantConfig, type TenantService } from "@greentick/tenant";
import { buildWebhookService, WebhookConfig, type WebhookService } from "@greentick/webhook";
import { LimitsConfig, ProxyConfig } from "./gateway-config.js";
import { type RunningPlatform, servePlatform } from "./platform.js";
import { type ServiceName } from "./services.js";

const configs = {
  host: HostConfig,
  limits: LimitsConfig,
  proxies: ProxyConfig,
  store: StoreConfig,
  tenant: TenantConfig,
  onboarding: OnboardingConfig,
  template: TemplateConfig,
  billing: BillingConfig,
  webhook: WebhookConfig,
};

/** All services of the platform, by name. The one place that knows every one of them. */
export type Services = Readonly<Record<Exclude<ServiceName, "tenant" | "billing" | "webhook">, Service<Subgraph>>> & {
  readonly tenant: TenantService;
  readonly billing: BillingService;
  readonly webhook: WebhookService;
};

export interface Platform extends RunningPlatform {
  readonly services: Services;
  /** Who people are: for the process that seeds a first start and prints tokens. */
  readonly identity: TenantService["identity"];
}

export interface PlatformOptions {
  /** The same variables that a deployment sets; which providers are used is a matter of their addresses. */
  readonly env: Env;
  readonly log: Log;
  /** Shown in `/healthz`, e.g. which store was taken. */
  readonly facts?: Readonly<Record<string, string>>;
}

/**
 * All services in this process behind one server and one merged schema. @throws ConfigError with every problem at once, Error with one
 * sentence when the store cannot be reached or the port is taken.
 */
export const startPlatform = ({ env, log, facts }: PlatformOptions): Promise<Platform> =>
  opening(async (andLater) => {
    const settings = configsOf(configs, env);
    const surroundings = await openSurroundings({ ...settings.store, log });
    andLater(surroundings.close);
    const services = await buildServices(settings, surroundings.outsideOf);
    const { identity } = services.tenant;
    const { close, ...running } = await servePlatform({
      ...settings.host,
      ...settings.limits,
      ...settings.proxies,
      services: Object.values(services),
      keys: identity.keys,
      standing: identity.standing,
      feed: services.webhook.feed,
      exports: services.billing.exportLedger,
      oidc: identity.oidc,
      surroundings,
      log,
      ...(facts && { facts }),
    });
    andLater(close);
    identity.pagesAt(running.url);
    return { ...running, services, identity };
  });

type ServiceSettings = Omit<ReturnType<typeof configsOf<typeof configs>>, "host" | "limits" | "proxies" | "store">;

async function buildServices(
  settings: ServiceSettings,
  outsideOf: (service: ServiceName) => Promise<Outside>,
): Promise<Services> {
  const { tenant, onboarding, template, billing, webhook } = settings;
  return {
    tenant: await buildTenantService(tenant, await outsideOf("tenant")),
    onboarding: await buildOnboardingService(onboarding, await outsideOf("onboarding")),
    template: await buildTemplateService(template, await outsideOf("template")),
    billing: await buildBillingService(billing, await outsideOf("billing")),
    webhook: await buildWebhookService(webhook, await outsideOf("webhook")),
  };
}

/** Every service's part of the graph, built without a store: for printing and comparing, not for answering. */
export async function describeSubgraphs(
  env: Env,
  outsideOf: (service: ServiceName) => Outside,
): Promise<readonly Subgraph[]> {
  const settings = configsOf(configs, env);
  const services = await buildServices(settings, (name) => Promise.resolve(outsideOf(name)));
  return Object.values(services).map(({ schema }) => schema);
}
