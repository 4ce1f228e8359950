import {
  AppError,
  type Call,
  type Scope,
  systemScope,
  type TenantId,
  tenantScope,
  underScope,
} from "@greentick/kernel";
import { aDefinition, busBench, someTenants } from "@greentick/testing";
import { event } from "@greentick/contracts";
import { randomBytes } from "node:crypto";
import { type CallFactory, callFactory } from "../calls.js";
import { type Clocks, storedClocks } from "../clocks.js";
import { silentLog } from "../log.js";
import { type Aggregate, type AggregateStore } from "./aggregates.js";
import { aggregateStore } from "./aggregate-store.js";
import { type Database } from "./database.js";

interface Note extends Aggregate {
  readonly title: string;
  readonly count: number;
  readonly micros?: bigint;
  readonly at?: Date;
  readonly slug?: string;
}

const noteErrors = {
  notFound: (id: string): AppError => new AppError("NOT_FOUND", "note_not_found", `No note ${id}.`, { id }),
  duplicate: (index: string): AppError => new AppError("CONFLICT", "note_exists", `There is one already (${index}).`),
};

const storeOf = (database: Database): AggregateStore<Note> =>
  aggregateStore<Note>({
    database,
    collection: "notes",
    kind: "note",
    schemaVersion: 3,
    state: {
      title: { type: String, required: true },
      count: { type: Number, required: true },
      micros: { type: BigInt },
      at: { type: Date },
      slug: { type: String },
    },
    indexes: [{ on: ["slug"], unique: true, name: "slug" }],
    notFound: noteErrors.notFound,
    onDuplicate: noteErrors.duplicate,
  });

const without = (note: Note, field: keyof Note): Note =>
  Object.fromEntries(Object.entries(note).filter(([name]) => name !== field)) as unknown as Note;

describe("a store of aggregates", () => {
  const bench = busBench("aggregates");
  let database: Database;
  let clocks: Clocks;
  let calls: CallFactory;
  let notes: AggregateStore<Note>;
  beforeAll(async () => {
    database = await bench.database("notes");
    clocks = storedClocks(database.db);
    calls = callFactory({ clocks, randomBytes, log: silentLog });
    notes = storeOf(database);
    await notes.ensureIndexes();
  });
  const callIn = (tenantId: TenantId, options: { key?: string; actor?: string; staff?: boolean } = {}): Call =>
    calls.fromClaims(
      {
        actor: { kind: "member", id: options.actor ?? "per_1" },
        tenantId,
        ancestorIds: tenantId === someTenants.provider ? [] : [someTenants.provider],
        livemode: false,
        staff: options.staff ?? false,
        roles: ["owner"],
      },
      { requestId: "req_test", ...(options.key !== undefined && { idempotencyKey: options.key }) },
    );
  const casa = (): Call => callIn(someTenants.casa);
  const aNote = (call: Call, fields: Partial<Note> = {}): Note => ({
    id: call.newId("audit"),
    tenantId: call.tenantId,
    ancestorIds: call.ancestorIds,
    livemode: call.livemode,
    version: 0,
    title: "first",
    count: 1,
    ...fields,
  });
  const happened = (n: number): ReturnType<typeof event> => event(aDefinition("note"), { key: "k", n });
  const documentOf = (id: string): Promise<Record<string, unknown> | null> =>
    database.db.collection<{ _id: string }>("notes").findOne({ _id: id });
  const outboxOf = async (id: string): Promise<readonly { aggregate: object; data: { n: number } }[]> =>
    ((await documentOf(id))?.["outbox"] ?? []) as { aggregate: object; data: { n: number } }[];
  const reason = (refusal: string): unknown => expect.objectContaining({ reason: refusal });

  describe("inserting and saving", () => {
    it("gives back what was inserted, amounts and instants exact, with version 1", async () => {
      const call = casa();
      const note = aNote(call, { micros: 2n ** 62n, at: new Date("2026-10-01T00:00:00.123Z") });
      expect(await notes.insert(call, note, [])).toEqual({ ...note, version: 1 });
      expect(await notes.get(tenantScope(call), note.id)).toEqual({ ...note, version: 1 });
    });

    it("keeps tenant, ancestors, schema version and times beside the state", async () => {
      const call = casa();
      const { id } = await notes.insert(call, aNote(call), []);
      expect(await documentOf(id)).toMatchObject({
        tenantId: someTenants.casa,
        ancestorIds: [someTenants.provider],
        livemode: false,
        schemaVersion: 3,
        version: 1,
        createdAt: expect.any(Date) as Date,
        state: { title: "first", count: 1 },
      });
    });

    it("lets one of 50 parallel savers win, and tells the others to read again", async () => {
      const call = casa();
      const note = await notes.insert(call, aNote(call), []);
      const saves = Array.from({ length: 50 }, (_, n) => notes.save(call, { ...note, count: n }, [happened(n)]));
      const results = await Promise.allSettled(saves);
      const won = results.filter((result) => result.status === "fulfilled");
      const lost = results.filter((result) => result.status === "rejected");
      expect(won).toHaveLength(1);
      expect(lost.map((result) => result.reason as unknown)).toEqual(Array(49).fill(reason("version_conflict")));
      const kept = await notes.get(tenantScope(call), note.id);
      expect(kept).toEqual(won[0]?.value);
      expect((await outboxOf(note.id)).map((one) => one.data.n)).toEqual([kept.count]);
    });

    it("loses no update when 20 writers read again after every conflict", async () => {
      const call = casa();
      const { id } = await notes.insert(call, aNote(call, { count: 0 }), []);
      const increment = async (): Promise<void> => {
        for (;;) {
          const note = await notes.get(tenantScope(call), id);
          const saved = await notes.save(call, { ...note, count: note.count + 1 }, []).catch(() => undefined);
          if (saved !== undefined) return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      expect(await notes.get(tenantScope(call), id)).toMatchObject({ count: 20, version: 21 });
    });

    it("refuses to save what was never inserted", async () => {
      const call = casa();
      await expect(notes.save(call, aNote(call), [])).rejects.toEqual(reason("version_conflict"));
    });

    it("refuses a field that the schema does not name, on insert and on save", async () => {
      const call = casa();
      const note = { ...aNote(call), tilte: "misspelt" };
      await expect(notes.insert(call, note, [])).rejects.toThrow(/tilte/);
      const kept = await notes.insert(call, aNote(call), []);
      await expect(notes.save(call, { ...kept, tilte: "misspelt" } as Note, [])).rejects.toThrow(/tilte/);
    });

    it("refuses a state without a required field, on insert and on save", async () => {
      const call = casa();
      await expect(notes.insert(call, without(aNote(call), "title"), [])).rejects.toThrow(/title/);
      const kept = await notes.insert(call, aNote(call), []);
      await expect(notes.save(call, without(kept, "title"), [])).rejects.toThrow(/title/);
    });

    it("removes a field that the saved state no longer has", async () => {
      const call = casa();
      const kept = await notes.insert(call, aNote(call, { slug: call.newId("audit") }), []);
      await notes.save(call, without(kept, "slug"), []);
      expect(await notes.get(tenantScope(call), kept.id)).not.toHaveProperty("slug");
    });

    it("turns a unique index's refusal into the kind's own", async () => {
      const call = casa();
      const slug = call.newId("audit");
      await notes.insert(call, aNote(call, { slug }), []);
      const refusal = expect.objectContaining({
        reason: "note_exists",
        message: "There is one already (slug).",
      }) as unknown;
      await expect(notes.insert(call, aNote(call, { slug }), [])).rejects.toEqual(refusal);
      const other = await notes.insert(call, aNote(call), []);
      await expect(notes.save(call, { ...other, slug }, [])).rejects.toEqual(refusal);
      await expect(
        notes.insert(callIn(someTenants.otra), aNote(callIn(someTenants.otra), { slug }), []),
      ).resolves.toBeDefined();
    });
  });

  describe("the outbox", () => {
    it("is written with the state, and what waits in it survives later saves in its order", async () => {
      const call = casa();
      const first = await notes.insert(call, aNote(call), [happened(1)]);
      const second = await notes.save(call, { ...first, count: 2 }, [happened(2), happened(3)]);
      await notes.save(call, { ...second, count: 3 }, []);
      const outbox = await outboxOf(first.id);
      expect(outbox.map((one) => one.data.n)).toEqual([1, 2, 3]);
      expect(outbox.map((one) => one.aggregate)).toEqual(
        [1, 2, 2].map((version) => ({ type: "note", id: first.id, version })),
      );
    });

    it("names the aggregate's tenant, whoever acted", async () => {
      const staff = callIn(someTenants.provider, { staff: true });
      const note = { ...aNote(staff), tenantId: someTenants.casa, ancestorIds: [someTenants.provider] };
      await notes.insert(staff, note, [happened(1)]);
      expect(await outboxOf(note.id)).toMatchObject([
        { tenantId: someTenants.casa, ancestorIds: [someTenants.provider] },
      ]);
    });

    it("never takes an event that no bus could carry: nothing is written", async () => {
      const call = casa();
      const note = aNote(call);
      const tooLarge = event(aDefinition("note"), { key: "k", n: 1, text: "x".repeat(1_000_000) });
      await expect(notes.insert(call, note, [tooLarge])).rejects.toThrow("at most 1000000 travel");
      await expect(notes.insert(call, note, [{ ...happened(1), type: "nowhere" }])).rejects.toThrow("names no stream");
      expect(await documentOf(note.id)).toBeNull();
    });

    it("is found through an index, whatever the number of documents that carry nothing", async () => {
      const waiting = database.db.collection("notes").find({ "outbox.0.id": { $exists: true } });
      expect(JSON.stringify(await waiting.sort({ "outbox.0.id": 1 }).explain())).toContain("outbox_waiting");
    });
  });

  describe("scopes", () => {
    it("show another tenant's document as missing, in every way of reading", async () => {
      const call = casa();
      const { id } = await notes.insert(call, aNote(call, { title: "secret" }), []);
      const foreign = tenantScope(callIn(someTenants.otra));
      expect(await notes.find(foreign, id)).toBeUndefined();
      await expect(notes.get(foreign, id)).rejects.toEqual(reason("note_not_found"));
      await expect(notes.get(foreign, "aud_that_never_was")).rejects.toEqual(reason("note_not_found"));
      expect(await notes.getMany(foreign, [id])).toEqual([undefined]);
      expect(await notes.findOne(foreign, { title: "secret" })).toBeUndefined();
      expect(await notes.findAll(foreign, { title: "secret" })).toEqual([]);
      expect(await notes.list(foreign, { first: 10 }, { title: "secret" })).toMatchObject({ items: [], totalCount: 0 });
    });

    it("do not let a state pretend to be another tenant's on save", async () => {
      const call = casa();
      const note = await notes.insert(call, aNote(call), []);
      const stolen = { ...note, tenantId: someTenants.otra, title: "stolen" };
      await expect(notes.save(callIn(someTenants.otra), stolen, [])).rejects.toEqual(reason("version_conflict"));
      expect(await notes.get(tenantScope(call), note.id)).toMatchObject({ title: "first" });
    });

    it("over a tree show what lies below, and nothing beside it", async () => {
      const title = "in the tree";
      const staff = callIn(someTenants.provider, { staff: true });
      for (const tenant of [someTenants.casa, someTenants.otra, someTenants.provider])
        await notes.insert(callIn(tenant), aNote(callIn(tenant), { title }), []);
      const seen = async (scope: Scope): Promise<readonly TenantId[]> =>
        (await notes.findAll(scope, { title })).map((note) => note.tenantId).sort();
      expect(await seen(underScope(staff))).toEqual([someTenants.casa, someTenants.otra, someTenants.provider].sort());
      expect(await seen({ under: someTenants.casa })).toEqual([someTenants.casa]);
      expect(await seen(systemScope("start-up"))).toHaveLength(3);
    });

    it("give many by id in the order asked for, missing ones in their places", async () => {
      const call = casa();
      const [a, b] = [await notes.insert(call, aNote(call), []), await notes.insert(call, aNote(call), [])];
      const got = await notes.getMany(tenantScope(call), [b.id, "aud_missing", a.id, b.id]);
      expect(got.map((note) => note?.id)).toEqual([b.id, undefined, a.id, b.id]);
    });

    it("take a filter's values as values, never as operators", async () => {
      const call = casa();
      await notes.insert(call, aNote(call), []);
      const operator = { title: { $ne: "" } as unknown as string };
      await expect(notes.findAll(tenantScope(call), operator)).rejects.toThrow("Cast to string failed");
      await expect(notes.find(tenantScope(call), { $ne: "" } as unknown as string)).rejects.toThrow(
        "Cast to string failed",
      );
    });
  });

  describe("pages", () => {
    const tenant = "ten_01PAGES0000000000000000000" as TenantId;
    const walk = async (
      first: number,
      between: () => Promise<unknown> = () => Promise.resolve(),
    ): Promise<string[]> => {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await notes.list(tenantScope(callIn(tenant)), { first, ...(after !== undefined && { after }) });
        seen.push(...page.items.map((note) => note.title));
        after = page.hasNextPage ? page.endCursor : undefined;
        await between();
      } while (after !== undefined);
      return seen;
    };
    const titles = Array.from({ length: 23 }, (_, n) => `note ${n}`);
    beforeAll(async () => {
      for (const title of titles) await notes.insert(callIn(tenant), aNote(callIn(tenant), { title }), []);
    });

    it("show everything once, newest first, whatever their size", async () => {
      for (const first of [1, 5, 23, 100]) expect((await walk(first)).sort()).toEqual([...titles].sort());
      const page = await notes.list(tenantScope(callIn(tenant)), { first: 5 });
      expect(page).toMatchObject({ hasNextPage: true, totalCount: 23 });
      expect(await notes.list(tenantScope(callIn(tenant)), { first: 23 })).toMatchObject({ hasNextPage: false });
    });

    it("stay as they are while new documents come", async () => {
      const seen = await walk(4, () => notes.insert(callIn(tenant), aNote(callIn(tenant), { title: "late" }), []));
      expect(seen.filter((title) => title !== "late").sort()).toEqual([...titles].sort());
    });

    it.each([0, -1, 101, 1.5, Number.NaN])("refuse the size %s", async (first) => {
      await expect(notes.list(tenantScope(casa()), { first })).rejects.toEqual(reason("invalid_input"));
    });

    it.each(["", "x", "bm90IGEgY3Vyc29y", Buffer.from("2026-10-01T00:00:00.000Z|").toString("base64url")])(
      "refuse %j as a cursor",
      async (after) => {
        await expect(notes.list(tenantScope(casa()), { first: 1, after })).rejects.toEqual(reason("invalid_input"));
      },
    );
  });

  describe("idempotency keys", () => {
    const once = { mutation: "draftNote", input: { title: "first", tags: ["a"], micros: 5n } };
    const keyed = (key: string, actor?: string): Call =>
      callIn(someTenants.casa, { key, ...(actor !== undefined && { actor }) });

    it("make a repeat return the first document as it is now", async () => {
      const call = keyed("repeat");
      const first = await notes.insert(call, aNote(call), [happened(1)], once);
      const saved = await notes.save(call, { ...first, title: "changed since" }, []);
      const again = await notes.insert(call, aNote(call), [happened(1)], {
        ...once,
        input: { micros: 5n, tags: ["a"], title: "first" },
      });
      expect(again).toEqual(saved);
      expect(await outboxOf(first.id)).toHaveLength(1);
    });

    it("refuse another input under the same key", async () => {
      const call = keyed("mismatch");
      await notes.insert(call, aNote(call), [], once);
      const other = notes.insert(call, aNote(call), [], { ...once, input: { title: "second" } });
      await expect(other).rejects.toEqual(reason("idempotency_mismatch"));
    });

    it("belong to one actor, one mutation and one tenant", async () => {
      const made = [
        await notes.insert(keyed("own"), aNote(casa()), [], once),
        await notes.insert(keyed("own", "per_2"), aNote(casa()), [], once),
        await notes.insert(keyed("own"), aNote(casa()), [], { ...once, mutation: "copyNote" }),
        await notes.insert(callIn(someTenants.otra, { key: "own" }), aNote(callIn(someTenants.otra)), [], once),
      ];
      expect(new Set(made.map((note) => note.id)).size).toBe(4);
    });

    it("make one document of 32 parallel requests, and give it to all of them", async () => {
      const requests = Array.from({ length: 32 }, () =>
        notes.insert(keyed("crowd"), aNote(casa(), { title: "crowd" }), [happened(1)], once),
      );
      const made = await Promise.all(requests);
      expect(new Set(made.map((note) => note.id)).size).toBe(1);
      expect(await notes.findAll(tenantScope(casa()), { title: "crowd" })).toHaveLength(1);
    });

    it("are looked at before other unique keys: a repeat is no duplicate", async () => {
      const call = keyed("unique");
      const slug = call.newId("audit");
      const first = await notes.insert(call, aNote(call, { slug }), [], once);
      expect(await notes.insert(call, aNote(call, { slug }), [], once)).toEqual(first);
      const stranger = notes.insert(keyed("another"), aNote(call, { slug }), [], once);
      await expect(stranger).rejects.toEqual(reason("note_exists"));
    });

    it("may be absent, and have at most 255 characters", async () => {
      const [a, b] = [
        await notes.insert(casa(), aNote(casa()), [], once),
        await notes.insert(casa(), aNote(casa()), [], once),
      ];
      expect(a.id).not.toBe(b.id);
      await expect(notes.insert(keyed("x".repeat(256)), aNote(casa()), [], once)).rejects.toEqual(
        reason("invalid_input"),
      );
    });
  });
});
