import { randomBytes } from "node:crypto";
import { type Clock } from "@greentick/kernel";
import { type Database } from "../data/database.js";
import { dataKeys, type DataKeyLimits } from "./data-keys.js";
import { environmentKeys, type KeyEncryption, type MasterKey } from "./key-encryption.js";
import { dataKeyCollection, keyRows, type KeyRows } from "./key-rows.js";
import { keysFrom, type Sealer, type SealerKeys, sealerOf } from "./sealer.js";
import { type Vault, vault } from "./vault.js";

export interface Secrets {
  readonly vault: Vault;
  readonly sealer: Sealer;
}

export interface SecretsParts {
  readonly database: Database;
  /** The current one first. The deployment's own keys follow from the last one, the oldest, when there are none yet. */
  readonly masterKeys: readonly MasterKey[];
  readonly now: Clock;
  /** Default: the master keys themselves. */
  readonly keys?: KeyEncryption;
  readonly limits?: DataKeyLimits;
}

/**
 * The secrets of one service: the vault of its tenants, and the sealer of what belongs to none. The sealer's keys stand wrapped in the
 * database like all others, so that a master key can be replaced; they are read once, here. @throws Error when a key is wrapped under a
 * master key that is not configured.
 */
export async function openSecrets(parts: SecretsParts): Promise<Secrets> {
  const { database, now, masterKeys } = parts;
  const rows = keyRows({ database, keys: parts.keys ?? environmentKeys(masterKeys), now });
  const sealer = sealerOf(await deploymentKeys(rows, database, masterKeys));
  return { sealer, vault: vault({ rows, keys: dataKeys(rows, parts.limits), sealer }) };
}

async function deploymentKeys(
  rows: KeyRows,
  database: Database,
  masterKeys: readonly MasterKey[],
): Promise<SealerKeys> {
  const kept = async (purpose: keyof SealerKeys, first: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const id = `deployment/${purpose}`;
    return (await rows.find(id)) ?? rows.add(id, await first());
  };
  const first = async (purpose: keyof SealerKeys): Promise<Uint8Array> =>
    (await isFresh(database)) ? randomBytes(32) : oldest(masterKeys)[purpose];
  return { seal: await kept("seal", () => first("seal")), blind: await kept("blind", () => first("blind")) };
}

/** What an older version sealed was sealed with keys that follow from its only master key. */
function oldest(masterKeys: readonly MasterKey[]): SealerKeys {
  const last = masterKeys.at(-1);
  if (last === undefined) throw new RangeError("at least one master key is needed");
  return keysFrom(last.key);
}

/** A database without documents of a service has nothing sealed in it yet. */
async function isFresh({ db }: Database): Promise<boolean> {
  const found = await db.listCollections({ name: { $ne: dataKeyCollection } }, { nameOnly: true }).toArray();
  return found.length === 0;
}
