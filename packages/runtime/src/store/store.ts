export type StoreKind = "uri" | "mongod" | "cached" | "embedded";

/** A MongoDB that was found or started. */
export interface Store {
  /** What a driver or mongoose connects to. Stays the same while the store is open, across restarts of its process. */
  uri: string;
  kind: StoreKind;
  /** One sentence on what was taken, without credentials: for the log and the health page. */
  describe: string;
  /** Stops what was started, in order; leaves alone what was not. Safe to repeat. */
  close: () => Promise<void>;
}

/** The part of a pino log the store writes to: fields first, then one constant sentence. */
export interface StoreLog {
  info: (fields: object, sentence: string) => void;
  warn: (fields: object, sentence: string) => void;
  error: (fields: object, sentence: string) => void;
}

export interface StoreOptions {
  /** The MongoDB to use; nothing is started then. */
  uri?: string | undefined;
  /** Takes this kind or fails, instead of trying them in order. */
  force?: StoreKind | undefined;
  /** Lets a MongoDB binary be downloaded when none is on this machine. */
  download?: boolean | undefined;
  /** Where a store started by us keeps its data. Created when missing. */
  dataDir: string;
  log: StoreLog;
  /** A store started by us ended for good (its restarts are used up): the process cannot do its work any more. */
  onExit?: ((error: Error) => void) | undefined;
}

export type StoreReason =
  | "store_unreachable"
  | "store_not_found"
  | "data_folder_in_use"
  | "data_folder_broken"
  | "engine_missing"
  | "engine_unsupported"
  | "engine_failed"
  | "mongod_failed"
  | "target_not_empty"
  | "not_movable";

/** Why no store could be opened: one sentence for a person, with what to do next, and a word for machines. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  constructor(
    readonly reason: StoreReason,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}
