import { type GraphQLSchema } from "graphql";
import { type Asked } from "../asking/answers.js";

/** What a request made the store do, in a form in which two of them can be compared. */
export interface Command {
  readonly name: string;
  readonly collection: string;
  /** Keys and operators of what is looked for, without values; of a write also what is written, without what is another in every request. */
  readonly shape: string;
  /** The command as it was sent, for the search for operators. */
  readonly sent: unknown;
}

/** An answer with the commands that its request alone caused. */
export interface Observed {
  readonly status: number;
  readonly body: Body;
  readonly commands: readonly Command[];
}

export interface Body {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export type SideName = "ours" | "theirs";

/** How a mutation is made to succeed. */
export interface Recipe {
  /** Who asks: a caller of the side, or, for what only the provider itself does, one of `above`. */
  readonly as: string;
  /** A valid input out of the side's own things, new each time; undefined for a mutation without one. */
  readonly input: (side: SideName) => Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Another input that succeeds as well, when fields of the payload have a value with that one only. */
  readonly also?: Recipe["input"];
}
export type Recipes = Readonly<Record<string, Recipe>>;

/** A way to an object by its key alone, as one service asks another for it. */
export interface EntityDoor {
  readonly service: string;
  readonly type: string;
  /** Those of our side whom the services can be asked for. */
  readonly callers: readonly string[];
  readonly ask: (caller: string, id: string) => Promise<Observed>;
}

/** What the suite attacks: a schema behind an address, two sides that must know nothing of each other, and whoever stands above both. */
export interface Subject {
  readonly schema: GraphQLSchema;
  readonly callers: Readonly<Record<SideName | "above", readonly string[]>>;
  readonly ask: (caller: string, asked: Asked) => Promise<Observed>;
  /** A request whose body is not made here, e.g. with a key that JSON.stringify would leave out. */
  readonly askRaw: (caller: string, body: string) => Promise<Observed>;
  readonly recipes: Recipes;
  /** Somebody of each side comes in anew, so that what only a fresh sign-in shows can be read. */
  readonly enter: () => Promise<void>;
  readonly entities: readonly EntityDoor[];
  /** Words that stand in what is theirs and nowhere else. */
  readonly canaries: readonly string[];
  /** Ids, and kinds of ids, that both sides may know, each with its reason. Everything else of theirs that ours is told is a leak. */
  readonly common: Readonly<Record<string, string>>;
  /** Values that no answer shows, such as a contact's number, by the name of the argument that takes them: the same at both sides. */
  readonly hints: Readonly<Record<string, readonly string[]>>;
  /** Whether a command writes the row that the asker's trail has of a refusal; without it nobody looks for such rows. */
  readonly isTrailRow?: (command: Command) => boolean;
  /** Hashes of every document of theirs by its place. */
  readonly theirDocuments: () => Promise<ReadonlyMap<string, string>>;
  /** Resolves when nothing moves any more. */
  readonly settle: () => Promise<void>;
}

/** Something in which an answer for theirs can be told from an answer for nobody's. */
export interface Difference {
  readonly kind: "answer" | "commands" | "leak" | "document" | "operator" | "token" | "trail";
  readonly at: string;
  readonly caller: string;
  readonly found: string;
}
