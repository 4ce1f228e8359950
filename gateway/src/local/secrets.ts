import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { codeOf, folderEntries } from "./data-folder.js";

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
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(join(dataDir, folderEntries.secrets))) write(dataDir, fresh());
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
  return readSecrets(dataDir);
}

/** The secrets that an earlier start made. @throws Error with one sentence when they cannot be read. */
export function readSecrets(dataDir: string): LocalSecrets {
  try {
    return Secrets.parse(JSON.parse(readFileSync(join(dataDir, folderEntries.secrets), "utf8")));
  } catch (cause) {
    throw unusable(dataDir, cause);
  }
}

/** In one move, so that a start that is killed leaves no half of it. */
function write(dataDir: string, secrets: LocalSecrets): void {
  const unfinished = join(dataDir, folderEntries.unfinishedSecrets);
  writeFileSync(unfinished, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(unfinished, join(dataDir, folderEntries.secrets));
}

function unusable(dataDir: string, cause: unknown): Error {
  const path = join(dataDir, folderEntries.secrets);
  const isDamaged = cause instanceof z.ZodError || cause instanceof SyntaxError;
  const sentence = isDamaged
    ? `${path} is damaged, and without its keys the data beside it cannot be read: bring the file back from a copy, or begin again with --fresh.`
    : `${path} cannot be used (${codeOf(cause)}): make it readable and its folder writable, or choose another folder with --data.`;
  return new Error(sentence, { cause });
}
