import { connectDatabase, type Database } from "@greentick/runtime";
import { someTenants, testDatabase } from "@greentick/testing";
import { BSON, type FindCursor } from "mongodb";
import {
  bodyOf,
  bodyOfAccounts,
  casa,
  casaWaba,
  deliveries,
  type DoorOnStore,
  doorOnStore,
  otra,
  start,
  splitScope as scope,
} from "./fixtures/door.js";
import { type RawLog } from "./ports.js";
import { releaseAccount } from "./usecases/release-account.js";

const { EJSON } = BSON;
const [quiet, unlinked] = ["427163905281746", "777000111222333"];
const sharedNumber = "219384756102938";
const atMost = { bodies: 20, bytes: 8_000_000 };

interface Looked {
  readonly keys: readonly string[];
  readonly documents: number;
}

describe("what a look into the log costs", () => {
  const { uri, dbName } = testDatabase("costs");
  let database: Database;
  let door: DoorOnStore;
  let log: RawLog;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    door = await doorOnStore(database);
    log = door.ports.rawLog;
    await door.ports.owners.keepWaba(scope, quiet, otra);
    for (let n = 0; n < 250; n++) await door.keep(`casa ${n}`, bodyOf(casaWaba, deliveries([`wamid.${n}`])));
    await door.keep("otra", bodyOf(quiet, deliveries(["wamid.otra"])));
    const shared = [{ value: deliveries(["wamid.shared"]) }];
    await door.keep("both", bodyOfAccounts({ [casaWaba]: shared, [quiet]: shared }));
    await door.keep("late", bodyOf(unlinked, deliveries(["wamid.late"])));
    await door.drain();
    await door.ports.owners.keepWaba(scope, unlinked, otra);
    await releaseAccount(door.ports)(unlinked);
  });
  afterAll(() => database.close());

  /** The documents that the store looks at for it, as its plan tells. */
  const examined = async (look: () => Promise<unknown>): Promise<number> => {
    const raw = database.db.collection("raw");
    const methods = Object.getPrototypeOf(raw) as typeof raw;
    const finds = jest.spyOn(methods, "find");
    const counts = jest.spyOn(methods, "countDocuments");
    await look();
    const cursors = finds.mock.results.map(({ value }) => value as FindCursor);
    const matches = counts.mock.calls.map(([filter]) => filter as object);
    jest.restoreAllMocks();
    const plans = [
      ...cursors.map((cursor) => cursor.clone().explain("executionStats")),
      ...matches.map(($match) => raw.aggregate([{ $match }, { $count: "n" }]).explain("executionStats")),
    ];
    expect(plans.length).toBeGreaterThan(0);
    const told = (await Promise.all(plans)).map((plan) => /"totalDocsExamined":(\d+)/.exec(EJSON.stringify(plan))?.[1]);
    return told.reduce((sum, one) => sum + Number(one), 0);
  };
  const search = async (asked: Parameters<RawLog["search"]>[1]): Promise<Looked> => {
    let keys: readonly string[] = [];
    const documents = await examined(async () => {
      keys = (await log.search(scope, asked, atMost)).map(({ key }) => key);
    });
    return { keys, documents };
  };

  it("is what a tenant finds of its own, however many bodies of others bear the same id", async () => {
    const refs = [`number/${sharedNumber}`];
    expect(await search({ refs, seenBy: otra.tenantId })).toEqual({ keys: ["late", "both", "otra"], documents: 3 });
    expect(await search({ refs: [`waba/${casaWaba}`], seenBy: otra.tenantId })).toEqual({ keys: [], documents: 0 });
    expect(await search({ refs: ["request/req_of_late"], seenBy: otra.tenantId })).toMatchObject({ keys: ["late"] });
    expect((await search({ refs })).keys).toHaveLength(20);
  });

  it("is no document at all where bodies are only counted, of everybody or of one tenant", async () => {
    const count = async (asked: Parameters<RawLog["countRange"]>[1]): Promise<readonly number[]> => {
      let found = 0;
      const documents = await examined(async () => {
        found = await log.countRange(scope, asked);
      });
      return [found, documents];
    };
    expect(await count({ from: start })).toEqual([253, 0]);
    expect(await count({ from: new Date(0), until: start })).toEqual([0, 0]);
    expect(await count({ from: start, tenantId: otra.tenantId })).toEqual([3, 0]);
    expect(await count({ from: start, tenantId: casa.tenantId })).toEqual([251, 0]);
    expect(await count({ from: start, tenantId: someTenants.provider })).toEqual([0, 0]);
  });

  it("is a page of a range, also far into it", async () => {
    let place = "";
    const page = async (): Promise<void> => {
      const asked = { from: start, ...(place !== "" && { after: place }) };
      place = (await log.range(scope, asked, { ...atMost, bodies: 100 })).at(-1)?.place ?? "";
    };
    await page();
    await page();
    expect(await examined(page)).toBeLessThan(60);
  });
});
