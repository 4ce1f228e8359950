import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import {
  bodyOf,
  casa,
  casaWaba,
  deliveries,
  type DoorOnStore,
  doorOnStore,
  otra,
  splitScope as scope,
} from "../fixtures/door.js";
import { eraseOfPerson, findOfPerson, notErased } from "./data-duties.js";

const quiet = "427163905281746";

describe("a kept body whose bytes were damaged", () => {
  const { uri, dbName } = testDatabase("damaged");
  let database: Database;
  let door: DoorOnStore;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    door = await doorOnStore(database);
    await door.ports.owners.keepWaba(scope, quiet, otra);
  });
  afterAll(() => database.close());

  const rows = () => database.db.collection<{ _id: string; people?: string[] }>("raw");
  const damage = (_id: string): Promise<unknown> => rows().updateOne({ _id }, { $set: { body: Buffer.alloc(60, 1) } });
  const held = async (): Promise<string[]> =>
    (await door.ports.quarantine.page(scope, { reason: "damaged" }, { first: 100 })).items.map(({ id }) => id);

  it("stops nobody, although it stands alone in its lane behind somebody else's backlog, and is shown in quarantine", async () => {
    for (let n = 0; n < 130; n++) await door.keep(`hot ${n}`, bodyOf(casaWaba, deliveries([`wamid.hot${n}`])));
    await door.keep("alone", bodyOf(quiet, deliveries(["wamid.alone"])));
    await damage("alone");
    await door.drain();
    expect(door.published).toHaveLength(130);
    expect((await door.ports.rawLog.counts(scope)).waiting).toBe(0);
    expect(await held()).toEqual(["alone:0"]);
  });

  it("is told to the person whom it names, held visibly when she is erased, and stops the erasure nowhere else", async () => {
    await door.keep("first", bodyOf(casaWaba, deliveries(["wamid.first"])));
    await door.keep("second", bodyOf(casaWaba, deliveries(["wamid.second"])));
    await door.drain();
    await rows().deleteMany({ _id: /^hot/ as unknown as string });
    const name = (await rows().findOne({ _id: "first" }))?.people?.[0] ?? "";
    const [, key = ""] = name.split("/");
    await damage("first");
    const call = { tenantId: casa.tenantId, ancestorIds: [], livemode: false } as unknown as Parameters<
      ReturnType<typeof eraseOfPerson>
    >[0];
    const found = await findOfPerson(door.ports, () => "{}")(call, [key]);
    expect(found).toMatchObject([{ unopened: expect.stringContaining("does not open") as unknown }, { update: {} }]);
    await eraseOfPerson(door.ports)(call, [key], door.now);
    expect(await rows().countDocuments({ people: name })).toBe(1);
    expect(await held()).toEqual(["alone:0", "first:0"]);
    expect(await notErased(door.ports).count(call, [key])).toBe(1);
    await eraseOfPerson(door.ports)(call, [key], door.now);
    expect(await held()).toEqual(["alone:0", "first:0"]);
  });
});
