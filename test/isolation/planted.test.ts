import { testDatabase } from "@greentick/testing";
import { MongoClient } from "mongodb";
import { type Plant, plantedSubject } from "./planted-service.js";
import { type Difference } from "./subject.js";
import { attack, type Outcome } from "./suite.js";
import { type Watch, watchCommands } from "./watch.js";

describe("the isolation suite on a small service", () => {
  const { uri, dbName } = testDatabase("planted");
  let mongo: MongoClient;
  let watch: Watch;
  beforeAll(async () => {
    mongo = await new MongoClient(uri, { monitorCommands: true }).connect();
    watch = watchCommands();
    watch.listen(mongo);
  });
  afterAll(async () => {
    watch.close();
    await mongo.close();
  });
  const attacked = async (...plants: readonly Plant[]): Promise<Outcome> =>
    attack(await plantedSubject({ mongo, dbName: dbName("notes"), watch, plants }));
  const kindsOf = ({ differences }: Outcome): readonly Difference["kind"][] =>
    [...new Set(differences.map(({ kind }) => kind))].sort();

  it("finds nothing where nothing is wrong, and covers every field and mutation", async () => {
    const outcome = await attacked();
    expect(outcome.differences).toEqual([]);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.fields.filter((field) => !outcome.fieldsCovered.includes(field))).toEqual(["PageInfo.endCursor"]);
    expect(outcome.mutationsCovered).toEqual(outcome.mutations);
    expect(outcome.attempts).toBeGreaterThan(50);
  });

  it("finds a resolver that answers for another tenant's id", async () => {
    const outcome = await attacked("resolver");
    expect(kindsOf(outcome)).toEqual(expect.arrayContaining(["answer", "leak"]));
    expect(outcome.differences.map(({ at }) => at)).toContain("note(id)");
  });

  it("finds a count that counts everybody's", async () => {
    const { differences } = await attacked("count");
    expect(differences).toEqual([expect.objectContaining({ kind: "answer", at: "notes" })]);
  });

  it("finds another error text", async () => {
    const { differences } = await attacked("text");
    expect(differences).toContainEqual(expect.objectContaining({ kind: "answer", at: "renameNote(input.noteId)" }));
  });

  it("finds one more command to the store", async () => {
    const outcome = await attacked("command");
    expect(kindsOf(outcome)).toEqual(["commands"]);
  });

  it("finds a write into another tenant's document", async () => {
    expect(kindsOf(await attacked("write"))).toEqual(["commands", "document"]);
  });

  it("finds a text that becomes an operator", async () => {
    expect(kindsOf(await attacked("operator"))).toEqual(["operator"]);
  });

  it("names a mutation that nobody has a recipe for, and one that is not there", async () => {
    const subject = await plantedSubject({ mongo, dbName: dbName("notes"), watch, plants: [] });
    const { renameNote, ...rest } = subject.recipes;
    const { gaps, mutationsCovered } = await attack({
      ...subject,
      recipes: { ...rest, ...(renameNote && { forgetNote: renameNote }) },
    });
    expect(gaps).toEqual([
      { place: "renameNote", why: "has no recipe" },
      { place: "forgetNote", why: "a recipe for a mutation that is not there" },
    ]);
    expect(mutationsCovered).toEqual(["addNote"]);
  });
});
