import {
  type DataOf,
  type dataSubjectAnswered,
  dataSubjectClosed,
  type dataSubjectHolderReady,
  dataSubjectOpened,
  dataSubjectRequested,
  event,
  personalDataHolders,
} from "@greentick/contracts";
import { allow, type Call, type DomainEvent, tenantScope, type TenantId } from "@greentick/kernel";
import { type Identity } from "../domain/consent.js";
import {
  answered,
  certificateText,
  type DataSubjectDuty,
  type DataSubjectRequest,
  done,
  exportEnded,
  isComplete,
  openRequest,
  resume,
} from "../domain/data-subject.js";
import { type RetentionPolicy } from "../domain/retention.js";
import { type Page, type PageRequest, type TenantStore, type TimerPort } from "../ports.js";
import { type Identities, type Seal, type SealedPlace } from "../ports/consent.js";
import { type DataSubjectFilter, type DataSubjectStore, type Parcels } from "../ports/data-subject.js";

export interface DutyPorts {
  readonly requests: DataSubjectStore;
  readonly tenants: Pick<TenantStore, "get">;
  readonly identities: Identities;
  readonly seal: Seal;
  readonly parcels: Parcels;
  readonly sha256: (text: string) => string;
  readonly timers: TimerPort;
  readonly policy: RetentionPolicy;
}
export type RequestDuty = (call: Call, identity: Identity) => Promise<DataSubjectRequest>;

/** Kind of the durable timer at the end of an export; it is about the request. */
export const exportEnds = "tenant.export";

const opened = ({ id, duty }: DataSubjectRequest): DomainEvent => event(dataSubjectOpened, { requestId: id, duty });

const personPlace = (tenantId: TenantId, record: string): SealedPlace => ({ tenantId, record, field: "person" });

/**
 * Opens a job: every holder of personal data hears of it, answers, and the certificate closes it. Under a legal hold an erasure waits until
 * the hold is lifted. Asked twice, the second finds nothing and says so.
 */
export const requestDuty =
  (ports: DutyPorts, duty: DataSubjectDuty): RequestDuty =>
  async (call, identity) => {
    allow(call, "privacy:write");
    const { keys, hint, names } = ports.identities.read(identity);
    const { tenantId, ancestorIds, livemode } = call;
    const { legalHold } = await ports.tenants.get(tenantScope(call), tenantId);
    const id = call.newId("dataSubjectRequest");
    const wanted = {
      ...{ id, tenantId, ancestorIds, livemode, duty, hint, personKeys: keys },
      requestedBy: call.actor.id,
      sealedPerson: await ports.seal.seal(personPlace(tenantId, id), JSON.stringify(names)),
      holders: personalDataHolders,
      ...(duty === "export" && (await exportKeys(ports, call, id))),
    };
    const request = openRequest(wanted, call.now(), legalHold !== undefined);
    const events = request.status === "held" ? [] : [opened(request)];
    const once = { mutation: `request:${duty}`, input: keys };
    const kept = await ports.requests.insert(call, request, events, once);
    call.log.info({ requestId: kept.id, duty, status: kept.status }, "data subject request opened");
    return kept;
  };

async function exportKeys(
  { parcels, seal }: DutyPorts,
  { tenantId }: Call,
  record: string,
): Promise<Pick<DataSubjectRequest, "sealFor" | "sealedKey">> {
  const { publicKey, privateKey } = await parcels.newKeys();
  return { sealFor: publicKey, sealedKey: await seal.seal({ tenantId, record, field: "export_key" }, privateKey) };
}

/** A holder is ready: it is told who asked, sealed for its key of this request. Safe to repeat. */
export const tellHolder =
  ({ requests, seal, parcels }: Pick<DutyPorts, "requests" | "seal" | "parcels">) =>
  async (call: Call, { requestId, holder, sealFor }: DataOf<typeof dataSubjectHolderReady>): Promise<void> => {
    const request = await requests.find(tenantScope(call), requestId);
    if (request?.status !== "collecting" || request.sealedPerson === undefined) return;
    if (request.answers.some((answer) => answer.holder === holder)) return;
    const { tenantId, duty, requestedAt } = request;
    const names = Buffer.from(await seal.open(personPlace(tenantId, requestId), request.sealedPerson)).toString("utf8");
    const sealedPerson = parcels.seal(sealFor, `${requestId}/${holder}/person`, names);
    const told = { requestId, holder, duty, requestedAt, sealedPerson };
    const asked = { ...told, ...(request.sealFor !== undefined && { sealFor: request.sealFor }) };
    await requests.save(call, request, [event(dataSubjectRequested, asked)]);
  };

/** A holder answered: the last answer closes the request with its certificate. The same answer again changes nothing. */
export const noteAnswer =
  (ports: DutyPorts) =>
  async (call: Call, { requestId, ...answer }: DataOf<typeof dataSubjectAnswered>): Promise<void> => {
    const before = await ports.requests.find(tenantScope(call), requestId);
    if (before?.status !== "collecting") return;
    const at = call.now();
    const { sealedPart, ...rest } = answer;
    const next = answered(before, { ...rest, at, ...(sealedPart !== undefined && { sealedPart }) });
    if (next === before) return;
    if (!isComplete(next)) {
      await ports.requests.save(call, next, []);
      return;
    }
    const text = certificateText(next, ports.policy, at);
    const certificate = { text, sha256: ports.sha256(text), issuedAt: at };
    const { duty } = next;
    const told = event(dataSubjectClosed, { requestId, duty, certificateSha256: certificate.sha256 });
    await ports.requests.save(call, done(next, certificate, ports.policy), [told]);
    call.log.info({ requestId, duty }, "data subject request done");
  };

/** The hold is lifted: erasures that waited for it begin. Safe to repeat. */
export const resumeHeld =
  ({ requests }: Pick<DutyPorts, "requests">) =>
  async (call: Call): Promise<void> => {
    for (const request of await requests.held(tenantScope(call))) {
      const next = resume(request);
      await requests.save(call, next, [opened(next)]);
    }
  };

/** An export that is done can be read for its period. Safe to repeat. */
export const scheduleExportEnd =
  ({ requests, timers }: Pick<DutyPorts, "requests" | "timers">) =>
  async (call: Call, requestId: string): Promise<void> => {
    const { exportUntil } = await requests.get(tenantScope(call), requestId);
    if (exportUntil !== undefined) await timers.set(call, { kind: exportEnds, about: requestId, dueAt: exportUntil });
  };

/** The export's period is over: its key and parts go, the certificate stays. Safe to repeat. */
export const endExport =
  ({ requests }: Pick<DutyPorts, "requests">) =>
  async (call: Call, requestId: string): Promise<void> => {
    const request = await requests.find(tenantScope(call), requestId);
    if (request?.sealedKey !== undefined) await requests.save(call, exportEnded(request), []);
  };

export const listRequests =
  ({ requests }: Pick<DutyPorts, "requests">) =>
  (call: Call, page: PageRequest, filter: DataSubjectFilter): Promise<Page<DataSubjectRequest>> => {
    allow(call, "privacy:read");
    return requests.list(tenantScope(call), page, filter);
  };

export const readRequest =
  ({ requests }: Pick<DutyPorts, "requests">) =>
  (call: Call, id: string): Promise<DataSubjectRequest | undefined> => {
    allow(call, "privacy:read");
    return requests.find(tenantScope(call), id);
  };

export interface ExportPart {
  readonly holder: string;
  /** A list, as JSON text. */
  readonly json: string;
}

/** What was found, while the export can be read; empty before it is done and after its period. */
export const readExport =
  ({ seal, parcels }: Pick<DutyPorts, "seal" | "parcels">) =>
  async (call: Call, request: DataSubjectRequest): Promise<readonly ExportPart[]> => {
    allow(call, "privacy:read");
    const { id, tenantId, sealedKey, status, answers } = request;
    if (sealedKey === undefined || status !== "done") return [];
    const key = Buffer.from(await seal.open({ tenantId, record: id, field: "export_key" }, sealedKey)).toString("utf8");
    return answers.flatMap(({ holder, sealedPart }) =>
      sealedPart === undefined ? [] : [{ holder, json: parcels.open(key, `${id}/${holder}`, sealedPart) }],
    );
  };
