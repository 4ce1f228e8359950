import { type Db } from "mongodb";

export interface MetaSimLog {
  readonly info: (fields: Record<string, unknown>, message: string) => void;
  readonly warn: (fields: Record<string, unknown>, message: string) => void;
}

export interface MetaSimOptions {
  /** The simulator's own database: everything it knows is there, so that a restart finds it again. */
  readonly db: Db;
  /** 0 or absent: a free port. Always on 127.0.0.1. */
  readonly port?: number;
  readonly appId: string;
  readonly appSecret: string;
  /** The system-user token of our portfolio; it is compared, never stored. */
  readonly systemToken: string;
  /** Our portfolio: the solution partner that owns the credit line. */
  readonly businessId: string;
  readonly creditLineId: string;
  /** The clock of a new database; a database that already has one keeps it. */
  readonly clock: ClockSetting;
  /** Ids, codes and traffic follow from it: the same seed gives the same world. */
  readonly seed: number;
  /** Folder with Meta's rate cards and `markets.csv`. */
  readonly rateCardDir: string;
  /** Webhook posts in flight at once; 32 unless told. */
  readonly concurrency?: number;
  readonly log?: MetaSimLog;
}

export type ClockSetting = { readonly now: Date } | "system";
