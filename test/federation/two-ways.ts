import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ask,
  bringLive,
  type LiveClient,
  localEnvironment,
  type LocalPlatform,
  postSamples,
  sampleClients,
  serviceNames,
  startLocal,
} from "@greentick/gateway";
import { silentLog } from "@greentick/runtime";
import { buildAll, type RunningProcess, startProcess } from "./processes.js";

interface Apart {
  readonly services: Readonly<Record<string, RunningProcess>>;
  readonly gateway: RunningProcess;
}

/** One store with data, served by all services in one process and by the same services in six. */
export interface TwoWays {
  readonly local: LocalPlatform;
  readonly client: LiveClient;
  readonly otherClient: LiveClient;
  readonly apart: Apart;
  readonly merged: string;
  readonly federated: string;
  /** Stops the processes; their exit codes. */
  readonly stopApart: () => Promise<readonly (number | null)[]>;
  readonly close: () => Promise<void>;
}

const start = new Date("2026-11-18T09:00:00Z");
/** The month of `start` is closed and invoiced by then. */
const afterTheClose = new Date("2026-12-08T09:00:00Z");
const databasePrefix = "greentick_";

const draft = `mutation Draft($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }`;
const openBadge = `mutation Open($input: OpenBadgeRequestInput!) { openBadgeRequest(input: $input) { badgeRequest { id } } }`;
const numbers = `query Numbers { phoneNumbers { nodes { id } } }`;

export async function startTwoWays(): Promise<TwoWays> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-federation-"));
  const local = await startLocal({
    dataDir,
    port: 0,
    fresh: false,
    clock: start,
    seed: 1,
    log: silentLog,
    logLevel: "error",
    store: {},
  });
  const [first, second] = sampleClients;
  if (first === undefined || second === undefined) throw new Error("the samples are about two clients");
  const clock = { now: start };
  const client = await bringLive(local.target, first, clock);
  const otherClient = await bringLive(local.target, second, clock);
  await fill(local, client);
  const apart = await startApart(local);
  return {
    local,
    client,
    otherClient,
    apart,
    merged: `${local.url}/graphql`,
    federated: `${apart.gateway.url}/graphql`,
    stopApart: () => Promise.all([apart.gateway, ...Object.values(apart.services)].map((one) => one.stop())),
    close: async () => {
      await local.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Something of every kind that refers to another service. */
async function fill({ target }: LocalPlatform, client: LiveClient): Promise<void> {
  const wabaId = client.numbers[0]?.wabaId ?? "";
  const content = { category: "UTILITY", body: { text: "Your order has shipped and arrives tomorrow." } };
  await ask(target, client.token, draft, { input: { wabaId, name: "order_shipped", language: "en_US", content } });
  const { phoneNumbers } = await ask<{ phoneNumbers: { nodes: { id: string }[] } }>(target, client.token, numbers);
  const phoneNumberId = phoneNumbers.nodes[0]?.id;
  await ask(target, client.token, openBadge, {
    input: { phoneNumberId, websiteUrl: "https://casalumen.example", primaryCountry: "Colombia" },
  });
  await postSamples(target, 1);
  await target.moveClock(afterTheClose);
}

/** Each service and the gateway in a process of its own, on the same store. */
async function startApart(local: LocalPlatform): Promise<Apart> {
  const env = localEnvironment(local.secrets, {
    mongoUri: local.store.uri,
    port: 0,
    metaUrl: local.meta.url,
    stripeUrl: local.stripe.url,
    databasePrefix,
    logLevel: "info",
  });
  buildAll();
  const started = serviceNames.map(
    async (name) => [name, await startProcess(`services/${name}/dist/main.js`, env)] as const,
  );
  const services = Object.fromEntries(await Promise.all(started));
  const urls = Object.entries(services).map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url] as const);
  const gateway = await startProcess("gateway/dist/main.js", { ...env, ...Object.fromEntries(urls) });
  return { services, gateway };
}
