import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeSubgraphs, offlineOutside, shapeOnlyEnv, startLocal } from "@greentick/gateway";
import { tenantChanged } from "@greentick/contracts";
import { mergeSubgraphs } from "@greentick/graphql";
import { openStore, silentLog } from "@greentick/runtime";
import { type GraphQLSchema } from "graphql";
import { MongoClient } from "mongodb";
import mongoose from "mongoose";
import { contactNumber } from "../recipes/consent.js";
import { platformRecipes } from "../recipes/index.js";
import { type Making } from "../recipes/making.js";
import { type PeopleMade, peopleMade } from "../recipes/people-made.js";
import { type Body, type Observed, type Subject } from "../subject.js";
import { attemptHeader, type Watch, watchCommands } from "../watch.js";
import { start, traffic } from "../world/clock.js";
import { takingHooks } from "../world/hooks.js";
import { type Mailbox, mailbox } from "../world/mail.js";
import { playWorld, type World } from "../world/world.js";
import { callersOf } from "./callers.js";
import { commonOf } from "./common.js";
import { documentsOf } from "./documents.js";
import { entityDoors } from "./entities.js";

/** The whole platform as a subject of the suite. */
export interface PlatformSubject extends Subject {
  readonly world: World;
  /** People who come into a side, as recipes make them. */
  readonly people: PeopleMade;
  readonly mongo: MongoClient;
  readonly tokens: ReadonlyMap<string, string>;
  readonly close: () => Promise<void>;
}

export interface PlatformOptions {
  /** A MongoDB to use; without one a store of its own is started in a temporary folder. */
  readonly uri?: string;
  readonly databasePrefix: string;
}

/** With this in a store's address its drivers tell what they send. */
const monitored = (uri: string): string =>
  `${uri}${uri.includes("?") ? "&" : uri.replace("mongodb://", "").includes("/") ? "?" : "/?"}monitorCommands=true`;

/** Starts a platform, plays the world into it and says how it is asked. Whatever got open is closed by `close`, newest first. */
export async function openPlatform({ uri, databasePrefix }: PlatformOptions): Promise<PlatformSubject> {
  const closes: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closes.splice(0).toReversed()) await one();
  };
  try {
    return { ...(await open({ uri, databasePrefix, andLater: (one) => closes.push(one) })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opening {
  readonly uri: string | undefined;
  readonly databasePrefix: string;
  readonly andLater: (close: () => Promise<void>) => void;
}

async function open({ uri, databasePrefix, andLater }: Opening): Promise<Omit<PlatformSubject, "close">> {
  const dataDir = mkdtempSync(join(tmpdir(), "greentick-isolation-"));
  andLater(() => {
    rmSync(dataDir, { recursive: true, force: true });
    return Promise.resolve();
  });
  const say = (): void => undefined;
  const wanted = { dataDir: join(dataDir, "store"), log: { debug: say, info: say, warn: say, error: say } };
  const store = await openStore({ ...wanted, ...(uri !== undefined && { uri }) });
  andLater(() => store.close());
  const mailFolder = join(dataDir, "mail");
  const local = await startLocal({
    ...{ seed: 1, log: silentLog, logLevel: "error", port: 0, fresh: false, clock: start },
    ...{ dataDir, databasePrefix, store: { uri: monitored(store.uri) } },
    // Attacks come faster than any tenant may ask; what is mailed is read from a folder.
    env: {
      RATE_LIMITS:
        "requests=1000000:100000000,writes=1000000:100000000,cost=1000000:100000000,failures=1000000:100000000",
      // A client that closes at the story's beginning is erased before its end.
      RETENTION_DAYS: "contacts=5,consent=6,people=7",
      MAIL_URL: `file:${mailFolder}`,
    },
  });
  andLater(() => local.close());
  const mongo = await new MongoClient(store.uri).connect();
  andLater(() => mongo.close());
  const hooks = await takingHooks();
  andLater(hooks.close);
  const world = await playWorld(local, { mongo, databasePrefix }, hooks.url);
  const watch = watchCommands();
  andLater(() => {
    watch.close();
    return Promise.resolve();
  });
  for (const connection of mongoose.connections)
    if (connection.readyState === mongoose.ConnectionStates.connected) watch.listen(connection.getClient());
  const schema = mergeSubgraphs(await describeSubgraphs(shapeOnlyEnv, offlineOutside));
  const entries = await entriesOfTwoWebhooks(mongo, databasePrefix, [world.ours.tenantId, world.theirs.tenantId]);
  return {
    ...subjectOf({ world, watch, schema, mongo, databasePrefix, entries, mail: mailbox(mailFolder) }),
    theirDocuments: () =>
      documentsOf({ mongo, databasePrefix, tenantIds: [world.theirs.tenantId, world.theirs.resellerId] }),
  };
}

/** Of many entries the few whose price came in another webhook than the proof of delivery: one of each client. */
async function entriesOfTwoWebhooks(
  mongo: MongoClient,
  databasePrefix: string,
  tenantIds: readonly string[],
): Promise<readonly string[]> {
  const rows = mongo.db(`${databasePrefix}billing`).collection<{ _id: string }>("entries");
  const found = await Promise.all(
    tenantIds.map((tenantId) => rows.findOne({ tenantId, details: /"pricingWebhook":/ })),
  );
  return found.flatMap((row) => row?._id ?? []);
}

interface Parts {
  /** Worth to be explained. */
  readonly entries: readonly string[];
  readonly world: World;
  readonly watch: Watch;
  readonly schema: GraphQLSchema;
  readonly mongo: MongoClient;
  readonly databasePrefix: string;
  readonly mail: Mailbox;
}

function subjectOf({
  world,
  watch,
  schema,
  entries,
  ...stores
}: Parts): Omit<PlatformSubject, "close" | "theirDocuments"> {
  const { local, ours, theirs } = world;
  const tokens = callersOf(world);
  const making: Making = {
    ...{ ...stores, target: local.target, sides: { ours, theirs } },
    become: (side, token) => tokens.set(`${side}.guest`, token),
  };
  const people = peopleMade(making);
  const of = (side: string): readonly string[] => [...tokens.keys()].filter((name) => name.startsWith(`${side}.`));
  const askRaw = asker(local.target.graphqlUrl, tokens, watch);
  return {
    ...{ world, tokens, schema, askRaw, mongo: stores.mongo },
    common: commonOf(world),
    // The trail's rows with changes lie far below those of the suite's own misses; of many tenants few have others below them.
    hints: {
      phone: [contactNumber(1)],
      recipient: ["5511955550142"],
      country: ["BR"],
      action: [tenantChanged.type],
      parentId: [ours.resellerId, theirs.resellerId],
      entryId: entries,
      // Of many months the one with the traffic.
      month: [traffic.from.toISOString().slice(0, 7)],
      from: ["2026-11-01"],
      to: ["2026-11-30"],
    },
    callers: { ours: of("ours"), theirs: of("theirs"), above: of("above") },
    ask: (caller, asked) => askRaw(caller, JSON.stringify(asked)),
    recipes: platformRecipes(making),
    people,
    enter: async () => {
      for (const side of ["ours", "theirs"] as const) await people.entered(side);
    },
    entities: entityDoors({ world, watch }),
    isTrailRow: ({ name, collection }) => name === "insert" && collection.endsWith(".refusals"),
    canaries: [theirs.canary, theirs.canary.toLowerCase()],
    settle: local.target.settle,
  };
}

/** Asks over HTTP, as everybody does, and says which commands of the store the request alone caused. */
function asker(
  url: string,
  tokens: ReadonlyMap<string, string>,
  watch: Watch,
): (caller: string, body: string) => Promise<Observed> {
  let asked = 0;
  const once = async (caller: string, body: string): Promise<Observed> => {
    const attempt = `attempt-${String(++asked)}`;
    const token = tokens.get(caller);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        [attemptHeader]: attempt,
        ...(token !== undefined && token !== "" && { authorization: `Bearer ${token}` }),
      },
      body,
    });
    const text = await response.text();
    const commands = watch.of(attempt);
    watch.forget(attempt);
    return { status: response.status, body: JSON.parse(text) as Body, commands };
  };
  return async (caller, body) => {
    let observed = await once(caller, body);
    for (let again = 0; again < mostRepeats && isAway(observed); again++) {
      await sleep(pauseMs);
      observed = await once(caller, body);
    }
    return observed;
  };
}

/** On a machine that is busy with other things nobody may be able to tell in time whether a token still holds: the answer says to come again. */
const isAway = ({ body }: Observed): boolean =>
  body.errors?.some(({ extensions }) => extensions?.["reason"] === "standing_unavailable") === true;
const mostRepeats = 5;
const pauseMs = 500;
