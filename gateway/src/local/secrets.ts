import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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
    if (!existsSync(path)) write(path, fresh());
    return read(path);
  } catch (cause) {
    throw new Error(sentenceFor(path, cause), { cause });
  }
}

const read = (path: string): LocalSecrets => Secrets.parse(JSON.parse(readFileSync(path, "utf8")));

/** The secrets that an earlier start made. @throws Error with one sentence when they cannot be read. */
export function readSecrets(dataDir: string): LocalSecrets {
  const path = join(dataDir, "secrets.json");
  try {
    return read(path);
  } catch (cause) {
    throw new Error(sentenceFor(path, cause), { cause });
  }
}

/** In one move, so that a start that is killed leaves no half of it. */
function write(path: string, secrets: LocalSecrets): void {
  writeFileSync(`${path}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function sentenceFor(path: string, cause: unknown): string {
  const isDamaged = cause instanceof z.ZodError || cause instanceof SyntaxError;
  if (isDamaged)
    return `${path} is damaged, and without its keys the data beside it cannot be read: bring the file back from a copy, or begin again with --fresh.`;
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return `${path} cannot be used (${code}): make it readable and its folder writable, or choose another folder with --data.`;
}
