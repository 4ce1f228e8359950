import { createPublicKey, type KeyObject } from "node:crypto";
import { AppError, type Clock, type Log } from "@greentick/kernel";

/** A published key (RFC 7517). */
export interface PublishedKey {
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
  readonly key_ops?: readonly string[];
}
export interface KeySet {
  readonly keys: readonly PublishedKey[];
}

export interface KeyRing {
  /**
   * The key of that id, if it is published now and meant for verifying RS256 signatures. @throws AppError
   * PROVIDER_UNAVAILABLE/keys_unavailable while no set was ever read: then nothing can be said about any token.
   */
  readonly find: (kid: string) => Promise<KeyObject | undefined>;
}

/** A new key is announced long before it signs; one that was withdrawn after a leak is to be forgotten soon. */
const freshForMs = 30_000;
/** Unknown key ids cost at most one look per half minute, however many are sent. */
const pauseMs = 30_000;
/** Until the first set is read nobody is let in, so it is looked for more often. */
const firstPauseMs = 1_000;
const never = Number.NEGATIVE_INFINITY;

/** Published keys, kept as KeyObjects: handing a PEM text to the verifier would parse it again for every request. */
export function keyRing(parts: {
  readonly load: () => Promise<KeySet>;
  readonly now: Clock;
  readonly log: Log;
}): KeyRing {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let loadedAt = never;
  let triedAt = never;
  let loading: Promise<void> | undefined;
  const load = async (): Promise<void> => {
    triedAt = parts.now().getTime();
    try {
      keys = usable(await parts.load());
      loadedAt = triedAt;
    } catch (err) {
      parts.log.warn({ err }, "published keys could not be read, the known ones stay in use");
    } finally {
      loading = undefined;
    }
  };
  return {
    find: async (kid) => {
      const now = parts.now().getTime();
      const known = keys.get(kid);
      const wanted = known === undefined || now - loadedAt > freshForMs;
      const pause = loadedAt === never ? firstPauseMs : pauseMs;
      if (wanted && now - triedAt >= pause) loading ??= load();
      if (loading !== undefined && wanted) await loading;
      if (loadedAt === never) throw unavailable();
      return keys.get(kid);
    },
  };
}

const unavailable = (): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "keys_unavailable",
    "The keys that verify tokens cannot be read at the moment, so nothing is answered to any. Try again in a few seconds.",
    { retryAfterSeconds: 2 },
  );

const usable = ({ keys }: KeySet): ReadonlyMap<string, KeyObject> =>
  new Map(
    keys
      .filter(isForVerifying)
      .map(({ kid = "", kty, n, e }) => [kid, createPublicKey({ key: { kty, n, e }, format: "jwk" })] as const),
  );

const isForVerifying = ({ kid, kty, use, alg, key_ops: operations }: PublishedKey): boolean =>
  typeof kid === "string" &&
  kty === "RSA" &&
  (use ?? "sig") === "sig" &&
  (alg ?? "RS256") === "RS256" &&
  (operations ?? ["verify"]).includes("verify");
