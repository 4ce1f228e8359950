import { createHash } from "node:crypto";
import { newParcelKeys, openParcel, type Outside, type RefusalAudit, sealParcel } from "@greentick/runtime";
import { csvRows } from "../adapters/csv/csv-rows.js";
import { consentConsumers, consentTimers, type ConsentVerbs } from "../adapters/events/consent.js";
import { ConsentResolver } from "../adapters/graphql/consent.resolver.js";
import { DataSubjectResolver } from "../adapters/graphql/data-subject.resolver.js";
import { identitiesOf } from "../adapters/identities/identities.js";
import { consentCollections, mongoConsentStore } from "../adapters/mongo/consent-store.js";
import { dataSubjectCollections, mongoDataSubjectStore } from "../adapters/mongo/data-subject-store.js";
import { type RetentionPolicy } from "../domain/retention.js";
import { type TenantStore, type TimerPort } from "../ports.js";
import { eraseLongWithdrawn, eraseOfPerson, findOfPerson } from "../usecases/consent-duties.js";
import {
  type DutyPorts,
  endExport,
  listRequests,
  noteAnswer,
  readExport,
  readRequest,
  requestDuty,
  resumeHeld,
  scheduleExportEnd,
  tellHolder,
} from "../usecases/data-subject.js";
import { importConsents } from "../usecases/import-consents.js";
import { consentOf, listConsents, readHistory } from "../usecases/read-consents.js";
import { recordConsent, withdrawConsent } from "../usecases/record-consent.js";
import { type Room } from "./room.js";

export interface ConsentParts {
  readonly outside: Pick<Outside, "database" | "bus" | "sealer" | "vault" | "clocks">;
  readonly tenants: Pick<TenantStore, "get" | "getMany">;
  readonly timers: TimerPort;
  readonly refusals: RefusalAudit;
  readonly policy: RetentionPolicy;
}

const hourMs = 3_600_000;

/** Who agreed to what, with evidence, and what is owed to persons who ask for their data or its erasure. */
export function consent({ outside, tenants, timers, refusals: { refusing }, policy }: ConsentParts): Room {
  const { database, clocks } = outside;
  const consents = mongoConsentStore(database);
  const requests = mongoDataSubjectStore(database);
  const identities = identitiesOf((purpose, value) => outside.sealer.blindKey(purpose, value));
  const ports = { consents, identities, seal: outside.vault };
  const duties: DutyPorts = {
    ...{ requests, tenants, identities, seal: outside.vault, timers, policy },
    parcels: { newKeys: newParcelKeys, seal: sealParcel, open: openParcel },
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  };
  const verbs: ConsentVerbs = {
    find: findOfPerson(ports),
    erase: eraseOfPerson(ports),
    eraseTenant: consents.eraseTenant,
    tellHolder: tellHolder(duties),
    noteAnswer: noteAnswer(duties),
    resumeHeld: resumeHeld(duties),
    scheduleExportEnd: scheduleExportEnd(duties),
    endExport: endExport(duties),
  };
  return {
    resolvers: [
      new ConsentResolver({
        recordConsent: refusing("recordConsent", recordConsent(ports)),
        withdrawConsent: refusing("withdrawConsent", withdrawConsent(ports)),
        importConsents: refusing("importConsents", importConsents({ ...ports, csvRows })),
        listConsents: refusing("listConsents", listConsents(ports)),
        consentOf: refusing("consentOf", consentOf(ports)),
        readHistory: readHistory(ports),
      }),
      new DataSubjectResolver({
        requestExport: refusing("requestDataExport", requestDuty(duties, "export")),
        requestErasure: refusing("requestDataErasure", requestDuty(duties, "erasure")),
        listRequests: listRequests(duties),
        readRequest: readRequest(duties),
        readExport: readExport(duties),
      }),
    ],
    handlers: consentConsumers(outside, verbs),
    timers: consentTimers(verbs),
    jobs: [
      {
        name: "tenant.consent-retention",
        everyMs: hourMs,
        run: eraseLongWithdrawn({ consents, tenants, policy, business: clocks.business }),
      },
    ],
    stores: [consents, requests],
    collections: [...consentCollections, ...dataSubjectCollections],
  };
}
