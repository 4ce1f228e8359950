import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  describeSubgraphs,
  type LocalPlatform,
  offlineOutside,
  shapeOnlyEnv,
  startLocal,
  type Target,
} from "@greentick/gateway";
import {
  addedFields,
  CallSecret,
  crossingsOf,
  homesOf,
  mergeSubgraphs,
  signCall,
  signedCallHeader,
} from "@greentick/graphql";
import { silentLog } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { type GraphQLSchema } from "graphql";
import { graphql, type GraphqlBody, send } from "../asking/answers.js";
import { conflicts, lostUpdate } from "./conflicts.js";
import { amplyLimited, type Apart, startApart } from "./deployment.js";
import { type Deployment, type Exchange, interview, plainExchange } from "./interview.js";
import { type Journeyed, journey, journeyStart } from "./journey.js";
import { argumentsOf, filters, idsIn, knownTo } from "./known.js";
import { memberTokens } from "./members.js";
import { reachable } from "../asking/questions.js";
import { refusals } from "./refusals.js";
import { differences, type Plain, plainly } from "./same.js";

const seed = 1;
interface Both<T> {
  readonly one: T;
  readonly six: T;
}

/** Nothing in the journey is priced wrongly, or without a price: nobody proposes a correction there, and no alarm is raised. */
const withoutObjects = ["CorrectionProposal.tenant", "ProposedCharge.webhook", "UnratedAlarm.tenant"];

describe("all services in one process, and each in its own", () => {
  const { uri, dbName, mongo } = testDatabase("apart");
  const prefix = { one: `${dbName("1")}_`, six: `${dbName("2")}_` };
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-apart-"));
  const opened: { readonly close: () => Promise<void> }[] = [];
  let local: LocalPlatform;
  let apart: Apart;
  let schema: GraphQLSchema;
  let crossings: readonly string[];
  let deployments: Both<Deployment>;
  const plain: Both<Plain> = { one: plainly(), six: plainly() };

  const inBoth = async <T>(work: (deployment: Deployment) => Promise<T>): Promise<Both<T>> => {
    const [one, six] = await Promise.all([work(deployments.one), work(deployments.six)]);
    return { one, six };
  };
  /** Every field in which the exchanges differ, with the question before it. */
  const differing = ({ one, six }: Both<readonly Exchange[]>): readonly object[] => {
    const [ours, theirs] = [
      one.map((exchange) => plainExchange(plain.one, exchange)),
      six.map((exchange) => plainExchange(plain.six, exchange)),
    ];
    return ours.flatMap((exchange, at) =>
      differences(exchange, theirs[at]).map((one) => ({ asked: exchange.what, ...one })),
    );
  };
  const deploymentOf = async (
    target: Target,
    done: Journeyed,
    where: { readonly databasePrefix: string; readonly busUrl?: string },
  ): Promise<Deployment> => ({
    url: target.graphqlUrl,
    settle: target.settle,
    callers: {
      andes: done.andes.token,
      lumen: done.lumen.token,
      ...target.tokens,
      ...(await memberTokens({ uri, secrets: local.secrets, ...where }, done)),
      nobody: undefined,
    },
  });

  beforeAll(async () => {
    const common = { seed, log: silentLog, logLevel: "error" };
    const store = { uri };
    local = await startLocal({ ...common, dataDir, port: 0, fresh: false, clock: journeyStart, databasePrefix: prefix.one, store, env: { RATE_LIMITS: amplyLimited } }); // prettier-ignore
    opened.push(local);
    const { secrets } = local;
    apart = await startApart({ uri, mongo, secrets, seed, databasePrefix: prefix.six, start: journeyStart });
    opened.push(apart);
    const subgraphs = await describeSubgraphs(shapeOnlyEnv, offlineOutside);
    const homes = homesOf(subgraphs);
    schema = mergeSubgraphs(subgraphs);
    crossings = [...crossingsOf(subgraphs, homes), ...addedFields(subgraphs, homes)].map(
      ({ type, field }) => `${type}.${field}`,
    );
    const [one, six] = await Promise.all([journey(local.target), journey(apart.target)]);
    deployments = {
      one: await deploymentOf(local.target, one, { databasePrefix: prefix.one }),
      six: await deploymentOf(apart.target, six, { databasePrefix: prefix.six, busUrl: apart.busUrl }),
    };
  });
  afterAll(async () => {
    for (const one of opened.toReversed()) await one.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("tell the same story: every field of every answer to everybody", async () => {
    const asked = new Set<string>();
    const reached = new Set<string>();
    const told = await inBoth((deployment) =>
      interview(deployment, {
        schema,
        asked,
        filters,
        everythingTo: ["andes", "lumen", "platform_admin"],
        arguments: (caller) => argumentsOf(deployment, caller),
      }),
    );
    expect(differing(told)).toEqual([]);
    expect([...reachable(schema)].filter((field) => !asked.has(field))).toEqual([]);
    for (const { answer } of told.one) collect(answer, reached);
    expect(crossings.filter((field) => !reached.has(field))).toEqual(withoutObjects);
  });

  it("end the month without a difference that nobody can explain", async () => {
    const query = "{ reconciliationRuns { nodes { month status unexplained } } }";
    const found = await inBoth(({ url, callers }) => graphql(url, callers["billing_admin"], { query }));
    const nodes = [{ month: "2026-11", status: "done", unexplained: 0 }];
    const data = { reconciliationRuns: { nodes } };
    expect([found.one.body, found.six.body]).toMatchObject([{ data }, { data }]);
  });

  it("refuse the same requests with the same status, code, reason and words", async () => {
    const refused = await inBoth((deployment) => refusals(deployment, schema));
    expect(differing(refused)).toEqual([]);
    expect(refused.one.length).toBeGreaterThan(250);
  });

  it("meet the same conflicts with the same words, and change the same things", async () => {
    const met = await inBoth(async (deployment) =>
      conflicts(deployment, idsIn(await knownTo(deployment, "lumen")).inputs),
    );
    expect(differing(met)).toEqual([]);
  });

  it("tell the loser of two changes at once the same", async () => {
    const lost = await inBoth(async (deployment) =>
      lostUpdate(deployment, idsIn(await knownTo(deployment, "andes")).inputs["tenantId"] ?? ""),
    );
    expect(plain.six.of(lost.six)).toEqual(plain.one.of(lost.one));
    expect(lost.one.body).toMatchObject({ errors: [{ extensions: { code: "CONFLICT", reason: "version_conflict" } }] });
  });

  it("let nobody pass the gateway: a service alone answers only what the gateway signed, `_entities` included", async () => {
    const entities = `{ _entities(representations: [{ __typename: "Tenant", id: "ten_00000000000000000000000000" }]) { __typename } }`;
    const { gateway, ...services } = apart.processes;
    expect(gateway).toBeDefined();
    for (const [name, { url }] of Object.entries(services))
      for (const query of ["{ __typename }", "{ _service { sdl } }", entities])
        for (const headers of [{}, bearer(deployments.six), forged(name, query)]) {
          const body = JSON.stringify({ query });
          const answer = await send(`${url}/graphql`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body }); // prettier-ignore
          expect([answer.status, (answer.body as GraphqlBody).errors?.map(({ extensions }) => extensions?.["reason"])]).toEqual([401, ["call_not_signed"]]); // prettier-ignore
        }
  });

  it("leave no error in any log, and every process ends with 0 when asked to", async () => {
    expect(Object.entries(apart.processes).flatMap(([name, one]) => one.errors().map((line) => `${name}: ${line}`))).toEqual([]); // prettier-ignore
    const codes: Record<string, number | null> = {};
    for (const [name, one] of Object.entries(apart.processes)) codes[name] = await one.stop();
    expect(codes).toEqual({ gateway: 0, tenant: 0, onboarding: 0, template: 0, billing: 0, webhook: 0 });
  });
});

const bearer = ({ callers }: Deployment): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${callers["platform_admin"] ?? ""}`,
});

/** A call that somebody signed who does not know the secret. */
function forged(service: string, query: string): Readonly<Record<string, string>> {
  const actor = { kind: "staff", id: "per_00000000000000000000000000" } as const;
  const claims = { actor, tenantId: "ten_00000000000000000000000000", ancestorIds: [], livemode: false, staff: true, roles: ["platform_admin"] } as never; // prettier-ignore
  const parts = {
    secret: new CallSecret(Buffer.alloc(32)),
    now: () => new Date(),
    service,
    body: JSON.stringify({ query }),
  };
  return { [signedCallHeader]: signCall({ claims, facts: { requestId: "req_forged" } }, parts) };
}

/** `Type.field` of every field that has a value somewhere in an answer. */
function collect(value: unknown, into: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  const type = (value as { readonly __typename?: unknown }).__typename;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof type === "string" && inner !== null) into.add(`${type}.${name}`);
    collect(inner, into);
  }
}
