import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BillingConfig, buildBillingService } from "@greentick/billing";
import {
  type AloneParts,
  CallConfig,
  configsOf,
  HostConfig,
  type ServiceAlone,
  startServiceAlone,
  StoreConfig,
} from "@greentick/graphql";
import { buildOnboardingService, OnboardingConfig } from "@greentick/onboarding";
import { createLog } from "@greentick/runtime";
import { buildTemplateService, TemplateConfig } from "@greentick/template";
import { buildTenantService, TenantConfig } from "@greentick/tenant";
import { type NatsServer, natsServer, testDatabase } from "@greentick/testing";
import { buildWebhookService, WebhookConfig } from "@greentick/webhook";
import { type z } from "zod";
import { LimitsConfig, ProxyConfig, ServiceUrls } from "../../gateway/src/gateway-config.js";
import { type ServiceName, serviceNames } from "../../gateway/src/services.js";
import {
  asked,
  compose,
  type ComposeProcess,
  dockerfile,
  environmentOf,
  filled,
  interpolated,
  offered,
  stages,
} from "./cases/compose-file.js";
import { root } from "./cases/scratch.js";

/** What somebody fills in where .env.example stands empty. */
const filledIn = {
  MASTER_KEY: "0f".repeat(32),
  CALL_SECRET: "f0".repeat(32),
  META_APP_ID: "1029384756473829",
  META_APP_SECRET: "app-secret-of-the-example",
  META_APP_SECRETS: "app-secret-of-the-example,the-one-before",
  META_WEBHOOK_VERIFY_TOKEN: "verify-token-of-the-example",
  META_SYSTEM_TOKEN: "EAAsystem-token-of-the-example",
  META_BUSINESS_ID: "410925736184205",
  META_CREDIT_LINE_ID: "520036847295316",
  META_OWN_IDS: "410925736184205,1029384756473829",
  STRIPE_SECRET_KEY: "sk_test_example",
  STRIPE_WEBHOOK_SECRETS: "whsec_example",
  MAIL_URL: "smtps://mail.example:465",
  CONSOLE_URL: "https://console.example",
};

type Start = (env: Readonly<Record<string, string>>) => Promise<ServiceAlone>;
interface OneService {
  readonly config: z.ZodType;
  readonly start: Start;
}
const log = createLog({ level: "silent", name: "compose" });
const service = <S extends z.ZodType>(parts: Omit<AloneParts<S>, "env">): OneService => ({
  config: parts.config,
  start: (env) => startServiceAlone({ ...parts, env }, log),
});
const services: Readonly<Record<ServiceName, OneService>> = {
  tenant: service({ name: "tenant", config: TenantConfig, build: buildTenantService }),
  onboarding: service({ name: "onboarding", config: OnboardingConfig, build: buildOnboardingService }),
  template: service({ name: "template", config: TemplateConfig, build: buildTemplateService }),
  billing: service({ name: "billing", config: BillingConfig, build: buildBillingService }),
  webhook: service({ name: "webhook", config: WebhookConfig, build: buildWebhookService }),
};
const configs: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  ...Object.fromEntries(
    serviceNames.map((name) => [
      name,
      { host: HostConfig, store: StoreConfig, call: CallConfig, own: services[name].config },
    ]),
  ),
  gateway: { host: HostConfig, call: CallConfig, urls: ServiceUrls, limits: LimitsConfig, proxies: ProxyConfig },
};
const processes = [...serviceNames, "gateway"] as const;

/** The names that configurations read: each is an object with a transformation behind it. */
const variablesOf = (schemas: Readonly<Record<string, z.ZodType>>): readonly string[] =>
  Object.values(schemas).flatMap((schema) => Object.keys((schema as z.ZodPipe<z.ZodObject>).in.shape));
/** Set by the image itself, or right inside of it as they are. */
const ofTheImage = ["NODE_ENV", "BILLING_RATE_CARDS_DIR"];
/** Only http:// is taken there: a simulator's address, which no deployment has. */
const ofDevelopment = ["STRIPE_API_URL"];

const named = (name: string): ComposeProcess => {
  const one = compose.services[name];
  if (one === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return one;
};
const environment = (name: string): Record<string, string> => environmentOf(named(name), filledIn);
const portOf = (name: string): string => environment(name)["PORT"] ?? "";

describe("docker-compose.yml", () => {
  it("runs every service and the gateway, and nothing else but the store and the bus", () => {
    expect(Object.keys(compose.services).sort()).toEqual([...processes, "mongo", "mongo-init", "nats"].sort());
  });

  it("takes images of one exact version each, Node as the image of the platform and MongoDB 8", () => {
    const images = [...Object.values(compose.services).map(({ image }) => image), ...stages];
    expect(images.filter((image) => !/^[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?$/.test(image))).toEqual([]);
    expect(new Set(stages)).toEqual(new Set(["node:20.20.2-bookworm-slim"]));
    expect([named("mongo").image, named("mongo-init").image]).toEqual([
      expect.stringMatching(/^mongo:8\./),
      named("mongo").image,
    ]);
  });

  it("calls the platform's image by the version of the project", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(processes.map((name) => named(name).image)).toEqual(processes.map(() => `greentick:${version}`));
  });

  it.each(processes)("starts %s with a file that the build makes from an existing one", (name) => {
    const [program, file = ""] = named(name).command;
    expect([program, existsSync(join(root, file.replace("/dist/", "/src/").replace(/\.js$/, ".ts")))]).toEqual([
      "node",
      true,
    ]);
    expect(file.startsWith(name === "gateway" ? "gateway/dist/" : `services/${name}/dist/`)).toBe(true);
  });

  it.each(processes)("gives %s every variable it reads, and none that it does not", (name) => {
    const read = variablesOf(configs[name] ?? {}).filter((one) => ![...ofTheImage, ...ofDevelopment].includes(one));
    expect(Object.keys(named(name).environment).sort()).toEqual([...new Set(read)].sort());
  });

  it.each(processes)("gives %s a configuration that it accepts, out of a filled-in .env.example", (name) => {
    expect(() => configsOf(configs[name] ?? {}, environment(name))).not.toThrow();
  });

  it.each(Object.keys(filledIn))("does not start without %s", (name) => {
    const without = { ...filledIn, [name]: "" };
    const fill = (): unknown => processes.map((one) => environmentOf(named(one), without));
    expect(fill).toThrow(`set ${name} in .env`);
  });

  it("knows the addresses of the services by the ports they listen on", () => {
    const urls = Object.fromEntries(
      serviceNames.map((name) => [`${name.toUpperCase()}_URL`, `http://${name}:${portOf(name)}`]),
    );
    expect(environment("gateway")).toMatchObject(urls);
  });

  it("lets every process listen on a port of its own, on all addresses of its container", () => {
    expect(new Set(processes.map(portOf)).size).toBe(processes.length);
    expect(processes.map((name) => environment(name)["HOST"])).toEqual(processes.map(() => "0.0.0.0"));
  });

  it("publishes the gateway and the door for webhooks, on loopback, with the ports they listen on", () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports }]) =>
      ports.map((port) => [name, filled(port, {})]),
    );
    expect(published).toEqual([
      ["webhook", `127.0.0.1:${portOf("webhook")}:${portOf("webhook")}`],
      ["gateway", `127.0.0.1:${portOf("gateway")}:${portOf("gateway")}`],
    ]);
  });

  it("starts services when the store can be written to and the bus answers, and the gateway when every service is ready", () => {
    expect(named("mongo-init").depends_on).toEqual({ mongo: { condition: "service_healthy" } });
    for (const name of serviceNames)
      expect(named(name).depends_on).toEqual({
        "mongo-init": { condition: "service_completed_successfully" },
        nats: { condition: "service_healthy" },
      });
    expect(named("gateway").depends_on).toEqual(
      Object.fromEntries(serviceNames.map((name) => [name, { condition: "service_healthy" }])),
    );
  });

  it("names one replica set in the store, in its start and in the address of the services", () => {
    expect(named("mongo").command.join(" ")).toContain("--replSet rs0");
    expect(named("mongo-init").command.join(" ")).toContain('_id: "rs0", members: [{ _id: 0, host: "mongo:27017" }]');
    for (const name of serviceNames)
      expect(environment(name)["MONGODB_URI"]).toBe("mongodb://mongo:27017/?replicaSet=rs0");
  });

  it("has one event bus, which keeps its events on a volume, and which services know by its port", () => {
    expect(named("nats").image).toMatch(/^nats:2\./);
    expect(named("nats").command.join(" ")).toContain("--jetstream --store_dir /data");
    for (const name of serviceNames) expect(environment(name)["BUS_URL"]).toBe("nats://nats:4222");
  });

  it("keeps store and bus on a network without a way out, which only services share", () => {
    expect(compose.networks["store"]).toEqual({ internal: true });
    const onStore = Object.entries(compose.services).filter(([, { networks }]) => networks.includes("store"));
    expect(onStore.map(([name]) => name).sort()).toEqual([...serviceNames, "mongo", "mongo-init", "nats"].sort());
  });

  it.each(processes)("runs %s without rights it does not need", (name) => {
    expect(named(name)).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  });
});

describe(".env.example", () => {
  it("names every variable that docker-compose.yml puts in, and no other", () => {
    expect([...Object.keys(asked), ...Object.keys(offered)].sort()).toEqual([...interpolated()].sort());
  });

  it("leaves empty exactly what a deployment has to fill in, so that no example can go live as a secret", () => {
    expect(asked).toEqual(Object.fromEntries(Object.keys(filledIn).map((name) => [name, ""])));
  });

  it("shows defaults that configurations accept", () => {
    const all = { ...filledIn, ...Object.fromEntries(Object.entries(offered).filter(([, value]) => value !== "")) };
    for (const name of processes)
      expect(() => configsOf(configs[name] ?? {}, environmentOf(named(name), all))).not.toThrow();
  });
});

describe("infra/Dockerfile", () => {
  it("copies the manifest of every workspace before it installs", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: object };
    const workspaces = Object.keys(packages).filter((path) => path !== "" && !path.includes("node_modules/"));
    const manifests = workspaces.map((path) => `${path}/package.json`);
    const copied = [...dockerfile.matchAll(/^COPY (\S+\/package\.json) (\S+)\/$/gm)];
    expect(copied.map(([, from]) => from).sort()).toEqual(manifests.sort());
    expect(copied.filter(([, from, to]) => from !== `${to ?? ""}/package.json`)).toEqual([]);
  });

  it("installs from the lockfile without install scripts, builds, and leaves out development and the embedded store", () => {
    const steps = ["npm ci --ignore-scripts", "npx tsc -b", "npm prune --omit=dev --omit=optional"];
    const places = steps.map((step) => dockerfile.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it("runs as somebody who is not root, in production", () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^ENV NODE_ENV=production$/m);
  });
});

describe("the processes of docker-compose.yml", () => {
  const { uri, dbName } = testDatabase("compose");

  /** What the health check of compose ends with, run as the container would run it. */
  const check = async (name: string, port: number): Promise<number | null> => {
    const [kind, program = "", ...args] = named(name).healthcheck?.test ?? [];
    if (kind !== "CMD" || program !== "node") throw new Error(`${name} is checked in a way this test does not know`);
    const env = { ...process.env, PORT: String(port) };
    const given = args.map((arg) => filled(arg, {}));
    const child = spawn(process.execPath, given, { env, stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    return code;
  };

  let running: readonly ServiceAlone[] = [];
  let nats: NatsServer | undefined;
  afterAll(() => nats?.remove());

  beforeAll(async () => {
    nats = await natsServer();
    const own = { HOST: "127.0.0.1", PORT: "0", MONGODB_URI: uri, DATABASE_PREFIX: dbName(""), BUS_URL: nats.url };
    running = await Promise.all(serviceNames.map((name) => services[name].start({ ...environment(name), ...own })));
  });

  it("start with their environments and are ready by their own health checks, until they have stopped", async () => {
    const checked = (): Promise<readonly (number | null)[]> =>
      Promise.all(serviceNames.map((name, at) => check(name, running[at]?.port ?? 0)));
    expect(await checked()).toEqual(serviceNames.map(() => 0));
    await Promise.all(running.map(({ close }) => close()));
    expect(await checked()).toEqual(serviceNames.map(() => 1));
  });
});
