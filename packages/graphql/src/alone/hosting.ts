import { masterKeysOf, masterKeyVariables } from "@greentick/runtime";
import { z } from "zod";

/** Bytes written as hex digits or base64. */
const bytes = z
  .string()
  .transform((text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64")));

/** Where a process listens and how much it says. Environment -> configuration. */
export const HostConfig = z
  .object({
    HOST: z.string().min(1).default("127.0.0.1"),
    /** 0 takes a free one. */
    PORT: z.coerce.number().int().min(0).max(65_535),
    LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    /** In production the schema is not shown to callers without a token. */
    NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  })
  .transform((env) => ({
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    introspection: env.NODE_ENV !== "production",
  }));
export type HostConfig = z.infer<typeof HostConfig>;

/** The store and the keys that seal what must not be readable in it. */
export const StoreConfig = z
  .object({
    MONGODB_URI: z.string().regex(/^mongodb(?:\+srv)?:\/\//, "must be a MongoDB address: mongodb://host:port"),
    /** Before the name of every database: `greentick_billing`. */
    DATABASE_PREFIX: z
      .string()
      .regex(/^\w{0,30}$/, "at most 30 letters, digits and underscores")
      .default("greentick_"),
    /** The servers of the event bus; without them it lies in the store itself. */
    BUS_URL: z
      .string()
      .regex(/^(?:nats|tls):\/\/\S+$/, "must be the address of a NATS server: nats://host:4222")
      .optional(),
    ...masterKeyVariables,
  })
  .transform((env, context) => ({
    mongoUri: env.MONGODB_URI,
    databasePrefix: env.DATABASE_PREFIX,
    ...(env.BUS_URL !== undefined && { busUrl: env.BUS_URL }),
    masterKeys: masterKeysOf(env, context),
  }));
export type StoreConfig = z.infer<typeof StoreConfig>;

/** The secret that the gateway and the services share when they run apart. */
export const CallConfig = z
  .object({
    CALL_SECRET: bytes.refine((key) => key.length >= 32, "must be at least 32 bytes, written as hex or base64"),
  })
  .transform((env) => ({ secret: env.CALL_SECRET }));
export type CallConfig = z.infer<typeof CallConfig>;
