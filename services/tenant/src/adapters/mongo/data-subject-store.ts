import { aggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type DataSubjectRequest, dataSubjectErrors } from "../../domain/data-subject.js";
import { type DataSubjectStore } from "../../ports/data-subject.js";

const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;
const count = { type: Number, required: true } as const;
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });

export const dataSubjectCollections = ["data_subject_requests"] as const;

const answer = {
  holder: text,
  searched: text,
  found: count,
  erased: count,
  kept: count,
  keptBecause: String,
  at: instant,
  sealedPart: String,
};

/** Binary as the driver gives it back -> bytes. */
const bytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from((value as { buffer: Uint8Array }).buffer);

const fromRow = (row: Record<string, unknown>): DataSubjectRequest => {
  const { sealedKey, sealedPerson, ...rest } = row;
  return {
    ...rest,
    ...(sealedKey != null && { sealedKey: bytes(sealedKey) }),
    ...(sealedPerson != null && { sealedPerson: bytes(sealedPerson) }),
  } as unknown as DataSubjectRequest;
};

export function mongoDataSubjectStore(
  database: Database,
): DataSubjectStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<DataSubjectRequest>({
    database,
    collection: "data_subject_requests",
    kind: "data_subject_request",
    schemaVersion: 1,
    state: {
      duty: text,
      status: text,
      requestedAt: instant,
      requestedBy: text,
      dueAt: instant,
      personKeys: { type: [String], required: true },
      hint: text,
      holders: { type: [String], required: true },
      answers: [part(answer)],
      sealedPerson: Schema.Types.Buffer,
      sealFor: String,
      sealedKey: Schema.Types.Buffer,
      certificate: { type: part({ text, sha256: text, issuedAt: instant }) },
      exportUntil: Date,
    },
    indexes: [{ on: ["status"], name: "status" }],
    notFound: dataSubjectErrors.notFound,
    onDuplicate: dataSubjectErrors.duplicate,
    fromRow,
  });
  return {
    get: rows.get,
    find: rows.find,
    held: (scope) => rows.findAll(scope, { status: "held" }),
    list: (scope, page, filter) => rows.list(scope, page, { ...filter }),
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}
