import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { z } from "zod";
import { decrypt, encrypt } from "./gcm.js";

/** A data key as it may be stored: only the named key-encryption key opens it. */
export interface WrappedKey {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/** No key of that id is here: an operator took it away too early, or the wrong keys were configured. */
export class UnknownKeyError extends Error {
  override readonly name = "UnknownKeyError";
}

/** The wrapped bytes are not what this key made for that owner. */
export class WrongKeyError extends Error {
  override readonly name = "WrongKeyError";
}

/**
 * Whoever keeps the key-encryption keys: the environment, or a key service of its own. `about` names whose data key it is; a wrapped key
 * moved to another owner does not open. @throws UnknownKeyError and WrongKeyError, which no waiting helps; anything else means that the
 * service does not answer.
 */
export interface KeyEncryption {
  readonly currentKeyId: () => string;
  /** Under the current key. */
  readonly wrap: (about: string, dataKey: Uint8Array) => Promise<WrappedKey>;
  readonly unwrap: (about: string, wrapped: WrappedKey) => Promise<Uint8Array>;
}

export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The id of a key that is configured alone, as MASTER_KEY. */
const onlyKeyId = "master";

const bytes = z
  .string()
  .transform((text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64")))
  .refine((key) => key.length === 32, "must be 32 bytes, written as hex or base64");
const listed = /^([\w.-]{1,64}):(.+)$/;

const MasterKeyList = z.string().transform((text, context): MasterKey[] =>
  text.split(",").flatMap((part, at) => {
    const [, id, written] = listed.exec(part.trim()) ?? [];
    const key = bytes.safeParse(written ?? "");
    if (id !== undefined && key.success) return [{ id, key: key.data }];
    const message = `entry ${at + 1} must be <id>:<key>; the id has letters, digits, dots, dashes; the key is 32 bytes as hex or base64`;
    context.addIssue({ code: "custom", message });
    return [];
  }),
);

/** The variables: MASTER_KEYS="new:hex,old:hex", the current one first; MASTER_KEY alone is a list of one, and beside a list its oldest member. */
export const masterKeyVariables = { MASTER_KEYS: MasterKeyList.optional(), MASTER_KEY: bytes.optional() };
interface MasterKeyEnv {
  readonly MASTER_KEYS?: readonly MasterKey[] | undefined;
  readonly MASTER_KEY?: Uint8Array | undefined;
}

/** The list, the current one first; what is wrong with it becomes a problem of the configuration. */
export function masterKeysOf(env: MasterKeyEnv, context: z.RefinementCtx): readonly MasterKey[] {
  const { MASTER_KEYS: several = [], MASTER_KEY: only } = env;
  const masterKeys = [...several, ...(only === undefined ? [] : [{ id: onlyKeyId, key: only }])];
  const ids = masterKeys.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    context.addIssue({ code: "custom", path: ["MASTER_KEYS"], message: `has the id ${twice} twice` });
  if (masterKeys.length === 0)
    context.addIssue({ code: "custom", path: ["MASTER_KEY"], message: "must be 32 bytes, written as hex or base64" });
  return masterKeys;
}

const kekOf = (masterKey: Uint8Array): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", masterKey, "greentick", "wrap/1", 32)));

/** Key-encryption keys out of the environment: AES-256-GCM under a key derived from each master key. The first one is current. */
export function environmentKeys(masterKeys: readonly MasterKey[]): KeyEncryption {
  const [current] = masterKeys;
  if (current === undefined) throw new RangeError("at least one master key is needed");
  const keys = new Map(masterKeys.map(({ id, key }) => [id, kekOf(key)]));
  const named = (id: string): KeyObject => {
    const key = keys.get(id);
    if (key === undefined)
      throw new UnknownKeyError(
        `No master key has the id ${id}: put it back into MASTER_KEYS until all is re-wrapped.`,
      );
    return key;
  };
  return {
    currentKeyId: () => current.id,
    wrap: (about, dataKey) =>
      Promise.resolve({ keyId: current.id, bytes: encrypt(named(current.id), Buffer.from(about), dataKey) }),
    unwrap: async (about, wrapped) => {
      const key = await Promise.resolve(named(wrapped.keyId));
      try {
        return decrypt(key, Buffer.from(about), Buffer.from(wrapped.bytes));
      } catch (cause) {
        throw new WrongKeyError(
          `${about} does not open under the master key ${wrapped.keyId}: that id has another key now, or the stored key was changed or moved.`,
          { cause },
        );
      }
    },
  };
}
