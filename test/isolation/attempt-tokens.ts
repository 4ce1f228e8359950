import { type JsonWebKey } from "node:crypto";
import { configsOf, StoreConfig } from "@greentick/graphql";
import { connectDatabase, openSecrets } from "@greentick/runtime";
import { type MongoClient } from "mongodb";
import { send } from "../asking/answers.js";
import { neverLike } from "./ids.js";
import { type Difference } from "./subject.js";
import { forgedTokens } from "./tokens.js";
import { type World } from "./world/world.js";

interface Parts {
  readonly world: World;
  readonly mongo: MongoClient;
  readonly databasePrefix: string;
}

interface KeyRow {
  readonly kid: string;
  readonly sealedPrivateKey: { readonly buffer: Uint8Array };
}

const query = JSON.stringify({ query: "{ me { tenant { id name } } }" });

const ask = async (url: string, token: string): Promise<string> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const { status, body } = await send(url, { method: "POST", headers, body: query });
  return `${String(status)} ${JSON.stringify(body)}`;
};

/** The first key of the deployment: the one its tokens are signed with. */
async function firstKey({
  world,
  mongo,
  databasePrefix,
}: Parts): Promise<{ readonly jwk: JsonWebKey & { readonly kid: string }; readonly privateKey: Buffer }> {
  const { keys } = (await (await fetch(`${world.local.url}/.well-known/jwks.json`)).json()) as {
    keys: (JsonWebKey & { kid: string })[];
  };
  const row = await mongo
    .db(`${databasePrefix}tenant`)
    .collection<KeyRow>("signing_keys")
    .findOne({}, { sort: { _id: 1 } });
  const jwk = keys.find(({ kid }) => kid === row?.kid);
  if (row === null || jwk === undefined) throw new Error("The deployment publishes no key that it keeps.");
  return { jwk, privateKey: await opened({ world, mongo, databasePrefix }, row) };
}

/** The private half, opened as the tenant service opens it. */
async function opened({ world, databasePrefix }: Parts, { kid, sealedPrivateKey }: KeyRow): Promise<Buffer> {
  const { uri } = world.local.store;
  const env = { MONGODB_URI: uri, DATABASE_PREFIX: databasePrefix, MASTER_KEY: world.local.secrets.masterKey };
  const { masterKeys } = configsOf({ store: StoreConfig }, env).store;
  const database = await connectDatabase(uri, `${databasePrefix}tenant`);
  try {
    const { sealer } = await openSecrets({ database, masterKeys, now: () => new Date() });
    return sealer.open(`signing_key/${kid}`, sealedPrivateKey.buffer);
  } finally {
    await database.close();
  }
}

/** Forged tokens that name their tenant and tokens that name nobody's: all are refused, with the same words, whatever is wrong with them. */
export async function attemptTokens(
  parts: Parts,
): Promise<{ readonly attempts: number; readonly differences: readonly Difference[] }> {
  const { world } = parts;
  const { graphqlUrl } = world.local.target;
  const differences: Difference[] = [];
  const key = await firstKey(parts);
  const about = { ...key, token: world.ours.tokens.owner, now: Math.floor(Date.now() / 1000) };
  const theirs = forgedTokens({ ...about, tenantId: world.theirs.tenantId });
  const nobodys = forgedTokens({ ...about, tenantId: neverLike(world.theirs.tenantId) });
  const words = await ask(graphqlUrl, "a.b.c");
  for (const [at, { what, token }] of theirs.entries()) {
    const [one, other] = [await ask(graphqlUrl, token), await ask(graphqlUrl, nobodys[at]?.token ?? "")];
    if (one !== words)
      differences.push({
        kind: "token",
        at: what,
        caller: "a forger",
        found: `${one.slice(0, 300)} instead of ${words}`,
      });
    else if (one !== other)
      differences.push({
        kind: "token",
        at: what,
        caller: "a forger",
        found: `nobody's is answered ${other.slice(0, 300)}`,
      });
  }
  return { attempts: theirs.length * 2, differences };
}
