import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import {
  bodyOf,
  bodyOfAccounts,
  casa,
  casaWaba,
  deliveries,
  type DoorOnStore,
  doorOnStore,
  otra,
  splitScope as scope,
} from "../fixtures/door.js";
import { splitBodies } from "./split-bodies.js";
import { takeFairly } from "./take-fairly.js";

const quiet = "427163905281746";
const another = "556182930475610";

describe("a client that sends far more than the others", () => {
  const { uri, dbName } = testDatabase("fairly");
  let database: Database;
  let door: DoorOnStore;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    door = await doorOnStore(database);
    await door.ports.owners.keepWaba(scope, quiet, otra);
    await door.ports.owners.keepWaba(scope, another, otra);
  });
  beforeEach(() => {
    door.published.length = 0;
  });
  afterAll(() => database.close());

  const key = (word: string, n: number): string => `${word} ${String(n).padStart(5, "0")}`;
  /** Fewer at a time than the door would call a crowd. */
  const keepMany = async (word: string, count: number, waba: string): Promise<void> => {
    for (let from = 0; from < count; from += 200)
      await Promise.all(
        Array.from({ length: Math.min(200, count - from) }, (_, at) =>
          door.keep(key(word, from + at), bodyOf(waba, deliveries([`wamid.${word}${from + at}`]))),
        ),
      );
  };
  const sources = (): (string | undefined)[] => door.published.map(({ source }) => source?.sha256);

  it("holds up nobody: behind a backlog of 5,000 of its bodies, another client's 10 are handed on in the first round", async () => {
    await keepMany("hot", 4_990, casaWaba);
    await keepMany("quiet", 10, quiet);
    await splitBodies(door.ports)();
    const own = door.published.filter(({ tenantId }) => tenantId === otra.tenantId);
    expect(own).toHaveLength(10);
    expect(door.published.length).toBeLessThanOrEqual(200);
    await database.db.collection("raw").updateMany({}, { $unset: { waiting: 1 } });
  });

  it("is taken in small pieces while a queue waits at the door, and the other client still has its turn", async () => {
    await keepMany("many", 200, casaWaba);
    await keepMany("few", 5, quiet);
    const split = splitBodies({ ...door.ports, isQueue: () => true });
    const pieces = [await split(), await split()];
    expect(Math.max(...pieces)).toBeLessThanOrEqual(12);
    expect(sources().filter((source) => source?.startsWith("few"))).toHaveLength(5);
    await door.drain();
    expect(sources()).toHaveLength(205);
  });

  it("still has everything of its own handed on, in the order in which it came", async () => {
    await keepMany("long", 350, casaWaba);
    await keepMany("short", 10, quiet);
    await door.drain();
    for (const word of ["long", "short"]) {
      const own = sources().filter((source) => source?.startsWith(word));
      expect(own).toEqual(own.toSorted());
    }
    expect(sources()).toHaveLength(360);
    expect((await door.ports.rawLog.counts(scope)).waiting).toBe(0);
  });

  it("gets one turn where another gets one, through however many accounts it sends", async () => {
    for (let n = 0; n < 12; n++) await door.ports.owners.keepWaba(scope, `90000000000000${n}`, casa);
    await keepMany("first", 100, casaWaba);
    for (let n = 0; n < 12; n++) await keepMany(`hot${n}`, 20, `90000000000000${n}`);
    await keepMany("still", 50, quiet);
    const taken = await takeFairly(door.ports, scope)();
    const behind = taken.map(({ key: one }) => one).filter((one) => !one.startsWith("first"));
    expect(behind.filter((one) => one.startsWith("still"))).toHaveLength(50);
    expect(behind.filter((one) => one.startsWith("hot")).length).toBeLessThanOrEqual(50);
    await door.drain();
  });

  it("does not carry one account's updates past those of a body that holds several accounts", async () => {
    await keepMany("warm", 150, casaWaba);
    await door.keep(
      "shared a",
      bodyOfAccounts({
        [casaWaba]: [{ value: deliveries(["wamid.s1"]) }],
        [quiet]: [{ value: deliveries(["wamid.s2"]) }],
      }),
    );
    await door.keep(
      "shared b",
      bodyOfAccounts({
        [another]: [{ value: deliveries(["wamid.s3"]) }],
        [quiet]: [{ value: deliveries(["wamid.s4"]) }],
      }),
    );
    await door.keep("own", bodyOf(another, deliveries(["wamid.s5"])));
    await keepMany("calm", 5, quiet);
    await door.drain();
    const of = (waba: string): (string | undefined)[] =>
      door.published
        .filter(({ data }) => (data as { wabaId: string }).wabaId === waba)
        .map(({ source }) => source?.sha256);
    expect(of(quiet)).toEqual(["shared a", "shared b", ...Array.from({ length: 5 }, (_, n) => key("calm", n))]);
    expect(of(another)).toEqual(["shared b", "own"]);
    expect(of(casaWaba)).toHaveLength(151);
    expect(of(casaWaba).at(-1)).toBe("shared a");
  });

  it("holds up no body of other accounts, although that body holds several of them", async () => {
    await keepMany("hotter", 300, casaWaba);
    await door.keep(
      "shared c",
      bodyOfAccounts({
        [another]: [{ value: deliveries(["wamid.t1"]) }],
        [quiet]: [{ value: deliveries(["wamid.t2"]) }],
      }),
    );
    await splitBodies(door.ports)();
    expect(sources()).toContain("shared c");
    await door.drain();
  });

  it("does not pass a body whose accounts cannot be told at a glance", async () => {
    await keepMany("heat", 120, casaWaba);
    await door.keep("strange", Buffer.from(`{"entry":[{"changes":[],"id":"${quiet}"}]}`));
    await door.keep("after", bodyOf(quiet, deliveries(["wamid.u1"])));
    const taken = await takeFairly(door.ports, scope)();
    expect(taken.map((body) => body.key)).not.toContain("after");
    await door.drain();
    expect(sources()).toContain("after");
  });

  it("does not take a body that came while the round looked past one of several accounts that came before it", async () => {
    await keepMany("glow", 120, casaWaba);
    await keepMany("hush", 3, quiet);
    const { rawLog } = door.ports;
    const meanwhile: DoorOnStore["ports"] = {
      ...door.ports,
      rawLog: {
        ...rawLog,
        line: async (...asked) => {
          const found = await rawLog.line(...asked);
          const both = {
            [quiet]: [{ value: deliveries(["wamid.v1"]) }],
            [casaWaba]: [{ value: deliveries(["wamid.v2"]) }],
          };
          await door.keep("shared d", bodyOfAccounts(both));
          await door.keep("behind it", bodyOf(quiet, deliveries(["wamid.v3"])));
          return found;
        },
      },
    };
    const taken = (await takeFairly(meanwhile, scope)()).map((body) => body.key);
    expect(taken.filter((one) => !one.startsWith("glow"))).toEqual(Array.from({ length: 3 }, (_, n) => key("hush", n)));
    await door.drain();
    const own = sources().filter((source) => source === "shared d" || source === "behind it");
    expect(own).toEqual(["shared d", "shared d", "behind it"]);
  });
});
