import { ApolloGateway } from "@apollo/gateway";
import { type CallSecret, DateTime } from "@greentick/graphql";
import { type Clock, type Log } from "@greentick/kernel";
import { type GraphQLSchema, isScalarType } from "graphql";
import { requestDeadlineMs } from "../identity/identify.js";
import { signedSource } from "./signed-source.js";

export interface OverServicesParts {
  /** The committed text: which service answers which field. */
  readonly supergraphSdl: string;
  /** Where each service of that text listens, by its name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly secret: CallSecret;
  readonly now: Clock;
  readonly log: Log;
}

/** Apollo's gateway over services in processes of their own. @throws Error while it loads when a service has no address. */
export function gatewayOverServices({ supergraphSdl, urls, secret, now, log }: OverServicesParts): ApolloGateway {
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: silentBut(log),
    buildService: ({ name }) => {
      const url = urls[name];
      if (url === undefined)
        throw new Error(
          `The supergraph names the service ${name}, which has no address: set ${name.toUpperCase()}_URL.`,
        );
      return signedSource({ service: name, url, secret, now, timeoutMs: requestDeadlineMs });
    },
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    readInstants(apiSchema);
  });
  return gateway;
}

/** A schema made of text lets any value pass for an instant; the service behind would refuse it later, and in other words than in one process. */
function readInstants(schema: GraphQLSchema): void {
  const type = schema.getType(DateTime.name);
  if (!isScalarType(type)) return;
  type.parseValue = (value) => DateTime.parseValue(value);
  type.parseLiteral = (node, variables) => DateTime.parseLiteral(node, variables);
}

/** The library's remarks, with its text as a fact. */
function silentBut(log: Log): Record<"debug" | "info" | "warn" | "error", (remark?: unknown) => void> {
  const to = (line: Log["info"]) => (remark?: unknown) => {
    line({ remark }, "federation gateway remarked");
  };
  return { debug: () => undefined, info: to(log.debug), warn: to(log.warn), error: to(log.error) };
}
