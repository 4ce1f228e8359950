import { composeServices } from "@apollo/composition";
import { publishedKinds } from "@greentick/contracts";
import { type Subgraph } from "@greentick/graphql";
import { eventsPage } from "./events-page.js";

/** The committed file of a text: a line that says where it comes from, and the text. */
const printed = (text: string): string =>
  `# Printed by "npm run schema" from the code; changes made here are lost.\n${text.trimEnd()}\n`;

/**
 * Every committed schema file by its path from the root folder, and the page of published events. Services' addresses are configuration, so the supergraph names them by
 * service only. @throws Error with every reason why the services do not compose.
 */
export function schemaFiles(subgraphs: readonly Subgraph[]): ReadonlyMap<string, string> {
  const result = composeServices(
    subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs, url: `http://${name}/graphql` })),
  );
  if (result.errors !== undefined)
    throw new Error(`The services do not compose:\n${result.errors.map(({ message }) => `  ${message}`).join("\n")}`);
  const own = subgraphs.map(({ name, sdl }) => [`services/${name}/schema.graphql`, printed(sdl)] as const);
  const supergraph = printed(result.supergraphSdl);
  return new Map([...own, ["gateway/supergraph.graphql", supergraph], ["docs/events.md", eventsPage(publishedKinds)]]);
}
