import { AppError, type Call } from "@greentick/kernel";
import { getNamedType, type GraphQLFieldResolver, GraphQLID, type GraphQLSchema, isRequiredArgument } from "graphql";

export type FieldResolver = GraphQLFieldResolver<unknown, Call, Record<string, unknown>>;

/** A query that named one object by its id, and there is none in the caller's sight. */
interface Miss {
  /** The field of Query. */
  readonly field: string;
  /** What was asked for, by argument; no more of each than an id can be long. */
  readonly ids: Readonly<Record<string, string>>;
  /** Present when the query refuses instead of answering null. */
  readonly refusal?: AppError;
}

/** Hears of every miss before the caller is answered. It keeps its own failures to itself. */
export type Missed = (call: Call, miss: Miss) => Promise<void>;

const longestId = 200;

/** The arguments of a field of Query that name one object: ids that must be given. */
export const namingArguments = (schema: GraphQLSchema, field: string): readonly string[] =>
  (schema.getQueryType()?.getFields()[field]?.args ?? [])
    .filter((argument) => isRequiredArgument(argument) && getNamedType(argument.type) === GraphQLID)
    .map(({ name }) => name);

/** The same resolver, whose null and whose NOT_FOUND are told: so that an id of somebody else and one of nobody leave the same behind. */
export function tellingMisses(
  resolve: FieldResolver,
  { field, names, missed }: { readonly field: string; readonly names: readonly string[]; readonly missed: Missed },
): FieldResolver {
  const idsIn = (args: Readonly<Record<string, unknown>>): Miss["ids"] =>
    Object.fromEntries(names.map((name) => [name, String(args[name]).slice(0, longestId)]));
  return async (...asked) => {
    const [, args, call] = asked;
    try {
      const found: unknown = await resolve(...asked);
      if (found == null) await missed(call, { field, ids: idsIn(args) });
      return found;
    } catch (error) {
      if (error instanceof AppError && error.code === "NOT_FOUND")
        await missed(call, { field, ids: idsIn(args), refusal: error });
      throw error;
    }
  };
}
