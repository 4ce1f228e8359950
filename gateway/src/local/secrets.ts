import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Secrets = z.object({
  /** 32 bytes as hex: seals tokens and bodies in the store. */
  masterKey: z.string().regex(/^[0-9a-f]{64}$/),
  callSecret: z.string().regex(/^[0-9a-f]{64}$/),
  metaAppSecret: z.string().min(16),
  metaVerifyToken: z.string().min(16),
  metaSystemToken: z.string().min(16),
  stripeApiKey: z.string().startsWith("sk_test_"),
});

/** Secrets of one local platform, made at its first start and kept beside its data. */
export type LocalSecrets = z.infer<typeof Secrets>;

const word = (bytes: number): string => randomBytes(bytes).toString("hex");

const fresh = (): LocalSecrets => ({
  masterKey: word(32),
  callSecret: word(32),
  metaAppSecret: word(16),
  metaVerifyToken: `verify-${word(8)}`,
  metaSystemToken: `EAA${word(24)}`,
  stripeApiKey: `sk_test_${word(16)}`,
});

/** Reads the folder's secrets or makes them. @throws Error with one sentence when the folder or the file cannot be used. */
export function localSecrets(dataDir: string): LocalSecrets {
  const path = join(dataDir, "secrets.json");
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(path)) {
      writeFileSync(path, JSON.stringify(fresh(), null, 2), { mode: 0o600 });
      chmodSync(path, 0o600);
    }
    return Secrets.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError || cause instanceof SyntaxError
        ? "its secrets.json is damaged"
        : "it cannot be written";
    throw new Error(
      `The data folder ${dataDir} cannot be used: ${why}. Repair it, choose another one with --data, or begin again with --fresh.`,
      { cause },
    );
  }
}
