import { getNamedType, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";
import { type Subgraph } from "../subgraph/subgraph.js";
import { type Home, keyField, objectTypes } from "./homes.js";

/** A field of one service that leads to an entity of another. */
export interface Crossing {
  readonly subgraph: string;
  readonly type: string;
  readonly field: string;
  readonly entity: string;
  readonly home: string;
}

/** A field that one service adds to an entity of another. */
export interface AddedField {
  readonly subgraph: string;
  readonly type: string;
  readonly field: string;
}

/**
 * Every field that crosses from one service to another. @throws Error for an entity of another service inside a union or interface, and
 * for a type shared by services of which only some own the entity it leads to: neither could be told apart when it is answered.
 */
export function crossingsOf(subgraphs: readonly Subgraph[], homes: ReadonlyMap<string, Home>): readonly Crossing[] {
  const edges = subgraphs.flatMap((subgraph) =>
    fieldsIn(subgraph).flatMap(({ type, field, returns }): Crossing[] => {
      const foreign = foreignMembers(subgraph, homes, returns);
      if (foreign.length > 0)
        throw new Error(
          `${subgraph.name}: ${type}.${field} returns ${returns}, which may be ${foreign.join(" or ")} of another service; give it a field of its own`,
        );
      const home = homes.get(returns);
      if (home === undefined || home.subgraph === subgraph.name) return [];
      return [{ subgraph: subgraph.name, type, field, entity: returns, home: home.subgraph }];
    }),
  );
  refuseAmbiguous(subgraphs, edges);
  return edges;
}

/** Fields that services add to entities of others. */
export const addedFields = (subgraphs: readonly Subgraph[], homes: ReadonlyMap<string, Home>): readonly AddedField[] =>
  subgraphs.flatMap((subgraph) =>
    fieldsIn(subgraph)
      .filter(({ type, field }) => field !== keyField && homes.has(type) && homes.get(type)?.subgraph !== subgraph.name)
      .map(({ type, field }) => ({ subgraph: subgraph.name, type, field })),
  );

function fieldsIn({ typeDefs, schema }: Subgraph): readonly { type: string; field: string; returns: string }[] {
  return objectTypes(typeDefs).flatMap(({ name, fields = [] }) => {
    const type = schema.getType(name.value);
    const known = isObjectType(type) ? type.getFields() : {};
    return fields.flatMap((field) => {
      const found = known[field.name.value];
      return found === undefined
        ? []
        : [{ type: name.value, field: field.name.value, returns: getNamedType(found.type).name }];
    });
  });
}

/** Members of a union or interface that live in another service. */
const foreignMembers = (subgraph: Subgraph, homes: ReadonlyMap<string, Home>, returns: string): readonly string[] =>
  membersOf(subgraph.schema, returns).filter((name) => (homes.get(name)?.subgraph ?? subgraph.name) !== subgraph.name);

function membersOf(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  return isAbstractType(type) ? schema.getPossibleTypes(type).map((member) => member.name) : [];
}

function refuseAmbiguous(subgraphs: readonly Subgraph[], edges: readonly Crossing[]): void {
  const rootTypes = new Set(["Query", "Mutation"]);
  for (const { type, field, entity, subgraph, home } of edges.filter((edge) => !rootTypes.has(edge.type))) {
    const owner = subgraphs.find(({ name }) => name === home);
    if (owner !== undefined && fieldsIn(owner).some((own) => own.type === type && own.field === field))
      throw new Error(
        `${type}.${field} leads to ${entity} and is declared by ${subgraph} and by its home ${home}: give the type one owner`,
      );
  }
}
