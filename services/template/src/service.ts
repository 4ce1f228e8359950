import { buildSubgraph, type Entity, type Subgraph } from "@greentick/graphql";
import { metaClient } from "@greentick/meta";
import {
  auditRefusals,
  outboxRelay,
  type Outside,
  refusalCollection,
  type Service,
  vaultDuties,
} from "@greentick/runtime";
import { reportConsumer } from "./adapters/events/reports.js";
import { submissionConsumer } from "./adapters/events/submissions.js";
import { TemplateResolver } from "./adapters/graphql/template.resolver.js";
import { toTemplate } from "./adapters/graphql/to-template.js";
import { type MetaAccess, metaWhatsapp } from "./adapters/meta/meta-whatsapp.js";
import { mongoTemplateStore, templateCollection } from "./adapters/mongo/template-store.js";
import { mongoWabaDirectory } from "./adapters/mongo/waba-directory.js";
import { type TemplateConfig } from "./config.js";
import { checkTemplate } from "./usecases/check-template.js";
import { draftTemplate, reviseTemplate } from "./usecases/draft-template.js";
import { noteReport } from "./usecases/note-report.js";
import { listTemplates, noteWaba, readTemplates, wabaOf } from "./usecases/read-templates.js";
import { decideTemplateReview, sendTemplateToReview } from "./usecases/review-template.js";
import { submitTemplate } from "./usecases/submit-template.js";

/** The wiring: outside things in, the service out. One wiring for a process of its own, for the whole platform in one, and for tests. */
export async function buildTemplateService(config: TemplateConfig, outside: Outside): Promise<Service<Subgraph>> {
  const { database, bus, log } = outside;
  const templates = mongoTemplateStore(database);
  const wabas = mongoWabaDirectory(database);
  const refusals = auditRefusals(database, "template");
  const whatsapp = whatsappOf(config, outside);
  const duties = vaultDuties("template", outside);
  return {
    name: "template",
    schema: await subgraphOf({ templates, wabas, refusals }),
    routes: [],
    handlers: [
      submissionConsumer(submitTemplate({ templates, whatsapp })),
      reportConsumer({ noteReport: noteReport({ templates }), noteWaba: noteWaba({ wabas }) }),
      ...duties.handlers,
    ],
    timers: [],
    jobs: [outboxRelay({ database, bus, log, collections: [templateCollection, refusalCollection] }), ...duties.jobs],
    indexes: async () => {
      for (const store of [templates, wabas, refusals]) await store.ensureIndexes();
    },
    health: () => Promise.resolve({ ok: true, detail: { meta: config.meta.graphUrl } }),
    close: () => Promise.resolve(),
  };
}

/** Look-ups are repeated a few times at once; after that, and for creations always, the bus tries the whole step again. */
const retry = { attempts: 3, startingDelayMs: 200, maxDelayMs: 2_000 };

function whatsappOf({ meta }: TemplateConfig, { log }: Outside): ReturnType<typeof metaWhatsapp> {
  const { version, appId, appSecret, timeoutMs, systemToken } = meta;
  const accessAt = (baseUrl: string): MetaAccess => ({
    client: metaClient({ baseUrl, version, appId, appSecret, timeoutMs, retry, log }),
    systemToken,
  });
  const sandbox = meta.sandboxGraphUrl === undefined ? undefined : accessAt(meta.sandboxGraphUrl);
  return metaWhatsapp(accessAt(meta.graphUrl), sandbox);
}

interface Stores {
  readonly templates: ReturnType<typeof mongoTemplateStore>;
  readonly wabas: ReturnType<typeof mongoWabaDirectory>;
  readonly refusals: ReturnType<typeof auditRefusals>;
}

function subgraphOf({ templates, wabas, refusals: { refusing, missed, denied } }: Stores): Promise<Subgraph> {
  const read = readTemplates({ templates });
  const resolver = new TemplateResolver({
    readTemplates: read,
    listTemplates: refusing("listTemplates", listTemplates({ templates })),
    wabaOf: wabaOf({ wabas }),
    draftTemplate: refusing("draftTemplate", draftTemplate({ templates, wabas })),
    reviseTemplate: refusing("reviseTemplate", reviseTemplate({ templates })),
    checkTemplate: refusing("checkTemplate", checkTemplate({ templates })),
    sendTemplateToReview: refusing("sendTemplateToReview", sendTemplateToReview({ templates })),
    decideTemplateReview: refusing("decideTemplateReview", decideTemplateReview({ templates })),
  });
  const load: Entity["load"] = async (call, ids) => (await read(call, ids)).map((one) => one && toTemplate(one));
  return buildSubgraph({
    name: "template",
    resolvers: [resolver],
    entities: { Template: { permission: "template:read", load } },
    missed,
    denied,
  });
}
