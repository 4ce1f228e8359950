import { buildSchema, graphql, GraphQLError } from "graphql";
import { type Collection, type MongoClient } from "mongodb";
import { type Body, type Observed, type Subject } from "./subject.js";
import { type Watch } from "./watch.js";

/** What is wrong with the service. */
export type Plant = "resolver" | "count" | "text" | "command" | "write" | "operator";

interface Note {
  _id: string;
  tenantId: string;
  text: string;
}

const sdl = `
  type Query { note(id: ID!): Note notes(first: Int = 25, after: String, text: String): NoteConnection! }
  type Mutation { addNote(input: AddNoteInput!): NotePayload! renameNote(input: RenameNoteInput!): NotePayload! }
  input AddNoteInput { text: String! }
  input RenameNoteInput { noteId: ID! text: String! }
  scalar Anything
  type Note { id: ID! text: String! }
  type NotePayload { note: Note! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type NoteConnection { nodes: [Note!]! pageInfo: PageInfo! totalCount: Int! }
`;

const tenants = { ours: "ten_01AAAAAAAAAAAAAAAAAAAAAAAA", theirs: "ten_01BBBBBBBBBBBBBBBBBBBBBBBB" } as const;
const notes = {
  ours: ["nte_01AAAAAAAAAAAAAAAAAAAAAAA1", "nte_01AAAAAAAAAAAAAAAAAAAAAAA2"],
  theirs: ["nte_01BBBBBBBBBBBBBBBBBBBBBBB1", "nte_01BBBBBBBBBBBBBBBBBBBBBBB2"],
} as const;

interface Served {
  readonly rows: Collection<Note>;
  readonly plants: ReadonlySet<Plant>;
}

interface Asks {
  readonly tenantId: string;
}
const wire = ({ _id, text }: Note): object => ({ __typename: "Note", id: _id, text });

/** Notes that came later. */
let added = 0;

function rootOf({ rows, plants }: Served): object {
  const scoped = ({ tenantId }: Asks, filter: object): object => ({ tenantId, ...filter });
  const find = (asks: Asks, id: string): Promise<Note | null> => rows.findOne(scoped(asks, { _id: id }));
  const missed = async (id: string): Promise<void> => {
    const foreign =
      plants.has("text") || plants.has("command") || plants.has("write") ? await rows.findOne({ _id: id }) : null;
    if (foreign !== null && plants.has("command")) await rows.countDocuments({ _id: id });
    if (foreign !== null && plants.has("write"))
      await rows.updateOne({ _id: id }, { $set: { text: "Quetzal was here" } });
  };
  return {
    note: async ({ id }: { id: string }, asks: Asks) => {
      const found = plants.has("resolver") ? await rows.findOne({ _id: id }) : await find(asks, id);
      return found === null ? null : wire(found);
    },
    notes: async ({ first, text }: { first: number; text?: string }, asks: Asks) => {
      const filter = scoped(
        asks,
        text === undefined ? {} : { text: plants.has("operator") ? { $regex: text.replace(/^\W+/, "") } : text },
      );
      const nodes = await rows.find(filter).limit(first).toArray();
      const totalCount = await rows.countDocuments(plants.has("count") ? {} : filter);
      return { nodes: nodes.map(wire), pageInfo: { hasNextPage: false, endCursor: null }, totalCount };
    },
    addNote: async ({ input: { text } }: { input: { text: string } }, { tenantId }: Asks) => {
      const note = { _id: `nte_${String(++added).padStart(26, "0")}`, tenantId, text };
      await rows.insertOne(note);
      return { note: wire(note) };
    },
    renameNote: async ({ input: { noteId, text } }: { input: { noteId: string; text: string } }, asks: Asks) => {
      const found = await find(asks, noteId);
      if (found === null) {
        await missed(noteId);
        const isThere = plants.has("text") && (await rows.findOne({ _id: noteId })) !== null;
        const words = isThere ? `The note ${noteId} is not yours.` : `There is no note ${noteId}.`;
        throw new GraphQLError(words, { extensions: { code: "NOT_FOUND", reason: "note_not_found" } });
      }
      await rows.updateOne(scoped(asks, { _id: noteId }), { $set: { text } });
      return { note: wire({ ...found, text }) };
    },
  };
}

export interface PlantedParts {
  readonly mongo: MongoClient;
  readonly dbName: string;
  readonly watch: Watch;
  readonly plants: readonly Plant[];
}

/** A service of notes for two tenants, with or without something wrong. */
export async function plantedSubject({ mongo, dbName, watch, plants }: PlantedParts): Promise<Subject> {
  const rows = mongo.db(dbName).collection<Note>("notes");
  await rows.deleteMany({});
  for (const side of ["ours", "theirs"] as const)
    await rows.insertMany(
      notes[side].map((_id) => ({ _id, tenantId: tenants[side], text: side === "ours" ? "Aguacate" : "Quetzal" })),
    );
  const served = { rows, plants: new Set(plants) };
  const schema = buildSchema(sdl);
  let asked = 0;
  const askRaw = async (caller: string, body: string): Promise<Observed> => {
    const attempt = `planted-${String(++asked)}`;
    const { query, variables } = JSON.parse(body) as { query: string; variables: Readonly<Record<string, unknown>> };
    const contextValue = { tenantId: caller.startsWith("ours") ? tenants.ours : tenants.theirs };
    const answer = await watch.during(attempt, () =>
      graphql({ schema, source: query, rootValue: rootOf(served), contextValue, variableValues: variables }),
    );
    const commands = watch.of(attempt);
    watch.forget(attempt);
    return { status: 200, body: withCodes(JSON.parse(JSON.stringify(answer)) as Body), commands };
  };
  return {
    schema,
    askRaw,
    callers: { ours: ["ours.owner"], theirs: ["theirs.owner"], above: [] },
    ask: (caller, { query, variables }) => askRaw(caller, JSON.stringify({ query, variables })),
    recipes: {
      addNote: {
        as: "owner",
        input: (side) => Promise.resolve({ text: side === "ours" ? "Aguacate three" : "Quetzal three" }),
      },
      renameNote: {
        as: "owner",
        input: (side) =>
          Promise.resolve({ noteId: notes[side][1], text: side === "ours" ? "Aguacate two" : "Quetzal two" }),
      },
    },
    enter: () => Promise.resolve(),
    entities: [],
    canaries: ["Quetzal"],
    common: {},
    hints: {},
    theirDocuments: async () =>
      new Map((await rows.find({ tenantId: tenants.theirs }).toArray()).map((row) => [row._id, JSON.stringify(row)])),
    settle: () => Promise.resolve(),
  };
}

/** What graphql itself refuses is the caller's mistake. */
const withCodes = (body: Body): Body => ({
  ...body,
  ...(body.errors && {
    errors: body.errors.map((one) => ({ ...one, extensions: one.extensions ?? { code: "BAD_USER_INPUT" } })),
  }),
});
