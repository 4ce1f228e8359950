import {
  type DataOf,
  dataSubjectAnswered,
  dataSubjectHolderReady,
  dataSubjectOpened,
  dataSubjectRequested,
  event,
  type personalDataHolders,
  personKeyPurpose,
} from "@greentick/contracts";
import { type Call, type DomainEvent, envelope } from "@greentick/kernel";
import { type ConsumerSpec } from "./bus/contract.js";
import { isDuplicateKey } from "./data/errors.js";
import { newParcelKeys, openParcel, sealParcel } from "./parcel.js";
import { type Outside } from "./service.js";

type Holder = (typeof personalDataHolders)[number];

/** Personal data as one holder keeps it. */
export interface PersonalData {
  /** The service that keeps it. */
  readonly service: string;
  readonly holder: Holder;
  /** What was looked through, for the certificate. */
  readonly searched: string;
  /** Why something stays although the person asked for erasure; empty when nothing does. */
  readonly keptBecause: string;
  /** All that bears one of the keyed hashes in the tenant of the call, as plain values. */
  readonly find: (call: Call, keys: readonly string[]) => Promise<readonly unknown[]>;
  /** Erases all that bears one of the keys in the tenant of the call and was there at that business time. Safe to repeat. */
  readonly erase: (call: Call, keys: readonly string[], at: Date) => Promise<void>;
  /** What of the found could not be erased, counted after an erasure. */
  readonly notErased?: {
    readonly count: (call: Call, keys: readonly string[]) => Promise<number>;
    readonly because: string;
  };
}

/** What a holder keeps of one request. */
interface DutyRow {
  _id: string;
  tenantId: string;
  ancestorIds: readonly string[];
  schemaVersion: 1;
  publicKey: string;
  /** Sealed; gone with the answer. */
  privateKey?: Buffer;
  /** Counted before anything is erased: a repeat after a crash erases the rest and still tells what was found. */
  found?: number;
  answer?: Answer;
}

type Requested = DataOf<typeof dataSubjectRequested>;
type Answer = Omit<DataOf<typeof dataSubjectAnswered>, "requestId" | "holder" | "searched">;
type Parts = Pick<Outside, "database" | "bus" | "sealer">;

/** Most of an export that fits an event. */
const mostBytes = 600_000;

/** Answers persons who ask for their data or its erasure: once for each request, however often it is heard. */
export function dataSubjectConsumer(parts: Parts, data: PersonalData): ConsumerSpec {
  const rows = dutyRows(parts, data.holder);
  const tell = (call: Call, requestId: string, one: DomainEvent): Promise<void> =>
    parts.bus.publish([envelope(call, { type: "data_subject_request", id: requestId, version: 1 }, one)]);
  const onOpened = async (call: Call, requestId: string): Promise<void> => {
    const { publicKey } = await rows.begin(call, requestId);
    const ready = { requestId, holder: data.holder, sealFor: publicKey };
    await tell(call, requestId, event(dataSubjectHolderReady, ready));
  };
  const onRequested = async (call: Call, asked: Requested): Promise<void> => {
    if (asked.holder !== data.holder) return;
    const answer = await rows.answerOnce(call, asked, data);
    const { requestId } = asked;
    const told = { requestId, holder: data.holder, searched: data.searched, ...answer };
    await tell(call, requestId, event(dataSubjectAnswered, told));
  };
  return {
    name: `${data.service}.data_duties`,
    on: [
      {
        event: dataSubjectOpened,
        handle: (call, heard) => onOpened(call, (heard.data as DataOf<typeof dataSubjectOpened>).requestId),
      },
      { event: dataSubjectRequested, handle: (call, heard) => onRequested(call, heard.data as Requested) },
    ],
  };
}

interface DutyRows {
  /** The key of a request, made once. */
  readonly begin: (call: Call, requestId: string) => Promise<DutyRow>;
  /** Does what was asked, or tells again what was told. @throws Error for a request that was never opened here. */
  readonly answerOnce: (call: Call, asked: Requested, data: PersonalData) => Promise<Answer>;
}

function dutyRows({ database, sealer }: Parts, holder: Holder): DutyRows {
  const rows = database.db.collection<DutyRow>("data_duties");
  const about = (requestId: string): string => `data_duty/${requestId}`;
  const find = (_id: string): Promise<DutyRow | null> => rows.findOne({ _id }, { promoteBuffers: true });
  const namesIn = ({ requestId, sealedPerson }: Requested, row: DutyRow): readonly string[] => {
    if (row.privateKey === undefined)
      throw new Error(`The key of ${requestId} is thrown away and nothing was answered.`);
    const key = sealer.open(about(requestId), row.privateKey).toString("utf8");
    return JSON.parse(openParcel(key, `${requestId}/${holder}/person`, sealedPerson)) as string[];
  };
  return {
    begin: async (call, requestId) => {
      const before = await find(requestId);
      if (before !== null) return before;
      const { publicKey, privateKey } = await newParcelKeys();
      const { tenantId, ancestorIds } = call;
      const sealed = sealer.seal(about(requestId), privateKey);
      const row: DutyRow = { _id: requestId, tenantId, ancestorIds, schemaVersion: 1, publicKey, privateKey: sealed };
      await rows.insertOne(row).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
      return (await find(requestId)) ?? row;
    },
    answerOnce: async (call, asked, data) => {
      const _id = asked.requestId;
      const row = await find(_id);
      if (row === null) throw new Error(`The request ${_id} was never opened here.`);
      if (row.answer !== undefined) return row.answer;
      const keys = namesIn(asked, row).map((name) => sealer.blindKey(personKeyPurpose, name));
      const counted = (found: number): Promise<unknown> => rows.updateOne({ _id }, { $set: { found } });
      const answer = await work(data, call, {
        asked,
        keys,
        counted,
        ...(row.found !== undefined && { found: row.found }),
      });
      await rows.updateOne({ _id }, { $set: { answer }, $unset: { privateKey: 1 } });
      return answer;
    },
  };
}

interface Work {
  readonly asked: Requested;
  readonly keys: readonly string[];
  readonly counted: (found: number) => Promise<unknown>;
  readonly found?: number;
}

async function work(data: PersonalData, call: Call, { asked, keys, counted, found }: Work): Promise<Answer> {
  if (asked.duty === "export") return exported(asked, data.holder, await data.find(call, keys));
  const first = found ?? (await data.find(call, keys)).length;
  if (found === undefined) await counted(first);
  await data.erase(call, keys, asked.requestedAt);
  const kept = Math.min((await data.notErased?.count(call, keys)) ?? 0, first);
  const because = kept === 0 ? "" : `${kept} of ${first} could not be erased: ${data.notErased?.because ?? ""}`;
  const keptBecause = [data.keptBecause, because].filter((one) => one !== "").join("; ");
  return { found: first, erased: first - kept, kept, keptBecause };
}

/** What does not fit is said, never left out in silence. */
function exported({ requestId, sealFor }: Requested, holder: Holder, all: readonly unknown[]): Answer {
  const items: unknown[] = [];
  let bytes = 0;
  for (const item of all) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (bytes > mostBytes) break;
    items.push(item);
  }
  const left = all.length - items.length;
  const part = sealFor === undefined ? undefined : sealParcel(sealFor, `${requestId}/${holder}`, JSON.stringify(items));
  return {
    found: all.length,
    erased: 0,
    kept: all.length,
    keptBecause: left === 0 ? "" : `${left} of ${all.length} did not fit into the export.`,
    ...(part !== undefined && { sealedPart: part }),
  };
}
