import { randomBytes } from "node:crypto";
import { type Env } from "@greentick/graphql";
import {
  type Bus,
  callFactory,
  type Clocks,
  courtesy,
  type Database,
  metrics,
  type Outside,
  sealer,
  silentLog,
} from "@greentick/runtime";
import { MongoClient } from "mongodb";
import mongoose from "mongoose";

/** Values that satisfy every configuration. Nothing is reached with them: only the shape of the API is asked for. */
export const shapeOnlyEnv: Env = {
  MONGODB_URI: "mongodb://shape.invalid",
  PORT: "0",
  MASTER_KEY: "00".repeat(32),
  META_APP_ID: "1",
  META_APP_SECRET: "shape-only",
  META_APP_SECRETS: "shape-only",
  META_SYSTEM_TOKEN: "shape-only",
  META_BUSINESS_ID: "1",
  META_CREDIT_LINE_ID: "1",
  META_OWN_IDS: "1",
  META_WEBHOOK_VERIFY_TOKEN: "shape-only",
  STRIPE_SECRET_KEY: "sk_test_shape",
  STRIPE_WEBHOOK_SECRETS: "whsec_shape_only",
};

const unreachable = (): Promise<never> => Promise.reject(new Error("a service built for its shape reaches nothing"));

/** Surroundings that connect to nothing. */
export function offlineOutside(service: string): Outside {
  const clocks: Clocks = {
    system: () => new Date(0),
    business: () => () => new Date(0),
    sandboxSetTo: () => undefined,
    refresh: unreachable,
    setSandbox: unreachable,
  };
  const bus: Bus = {
    publish: unreachable,
    consume: unreachable,
    lag: unreachable,
    deadLetters: unreachable,
    redeliver: unreachable,
    close: unreachable,
  };
  return {
    database: offlineDatabase(service),
    bus,
    clocks,
    calls: callFactory({ clocks, randomBytes, log: silentLog }),
    randomBytes,
    sealer: sealer(new Uint8Array(32)),
    vault: { seal: unreachable, open: unreachable, shred: unreachable, rewrap: unreachable },
    metrics: metrics(),
    courtesy: courtesy(),
    log: silentLog,
  };
}

const offlineDatabase = (name: string): Database => ({
  name,
  connection: mongoose.createConnection(),
  db: new MongoClient("mongodb://shape.invalid").db(name),
  close: () => Promise.resolve(),
});
