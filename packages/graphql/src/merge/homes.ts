import { type DocumentNode, Kind, type ObjectTypeDefinitionNode } from "graphql";
import { type Subgraph, type SubgraphEntity } from "../subgraph/subgraph.js";

/** Where an entity lives: the one service that loads its data. */
export interface Home {
  readonly subgraph: string;
  readonly entity: SubgraphEntity;
  /** Fields that only the home can answer: all it declares, the key apart. */
  readonly fields: ReadonlySet<string>;
}

export const keyField = "id";

/**
 * The table of homes. @throws Error naming every entity with two homes, and every entity that is referred to but lives nowhere.
 */
export function homesOf(subgraphs: readonly Subgraph[]): ReadonlyMap<string, Home> {
  const homes = new Map<string, Home>();
  const problems: string[] = [];
  for (const { name: subgraph, entities, typeDefs } of subgraphs)
    for (const [name, entity] of Object.entries(entities).filter(([, { home }]) => home)) {
      const other = homes.get(name);
      if (other !== undefined)
        problems.push(`${name} has two homes, ${other.subgraph} and ${subgraph}: one of them is extensionOf(…)`);
      homes.set(name, { subgraph, entity, fields: fieldNames(typeDefs, name) });
    }
  for (const { name: subgraph, typeDefs } of subgraphs)
    for (const type of objectTypes(typeDefs))
      if (isEntity(type) && !homes.has(type.name.value))
        problems.push(`${subgraph} refers to ${type.name.value}, which no service loads`);
  if (problems.length > 0) throw new Error(`The subgraphs do not fit together: ${problems.join("; ")}`);
  return homes;
}

export const objectTypes = (document: DocumentNode): readonly ObjectTypeDefinitionNode[] =>
  document.definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION);

const isEntity = (type: ObjectTypeDefinitionNode): boolean =>
  type.directives?.some(({ name }) => name.value === "key") ?? false;

const fieldNames = (document: DocumentNode, typeName: string): ReadonlySet<string> =>
  new Set(
    objectTypes(document)
      .filter(({ name }) => name.value === typeName)
      .flatMap(({ fields = [] }) => fields.map(({ name }) => name.value))
      .filter((field) => field !== keyField),
  );
