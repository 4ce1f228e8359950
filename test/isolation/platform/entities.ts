import { randomBytes } from "node:crypto";
import { type Subgraph } from "@greentick/graphql";
import { type Platform } from "@greentick/gateway";
import { type CallClaims, callFactory, silentLog } from "@greentick/runtime";
import { graphql, type GraphQLObjectType, isObjectType } from "graphql";
import { writer } from "../../asking/questions.js";
import { type Body, type EntityDoor, type Observed } from "../subject.js";
import { type Watch } from "../watch.js";

interface TokenFacts {
  readonly sub: string;
  readonly tid: string;
  readonly anc: readonly string[];
  readonly live: boolean;
  readonly stf: boolean;
  readonly rol: readonly string[];
  readonly kind: string;
  readonly act?: { readonly sub: string };
}

/** What one of our own tokens says of its bearer, as the gateway tells the services. */
function claimsIn(token: string): CallClaims {
  const facts = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as TokenFacts;
  const { sub, tid, anc, live, stf, rol, kind, act } = facts;
  const place = { tenantId: tid, ancestorIds: anc, livemode: live, staff: stf, roles: rol };
  return { ...place, actor: act === undefined ? { kind, id: sub } : { kind: "staff", id: act.sub } } as CallClaims;
}

interface Parts {
  readonly platform: Platform;
  readonly callers: ReadonlyMap<string, string>;
  readonly watch: Watch;
}

/** Every entity at every service that resolves it, asked as the gateway asks when services run apart, with the caller's own rights. */
export function entityDoors({ platform, callers, watch }: Parts): readonly EntityDoor[] {
  const calls = callFactory({ clocks: platform.clocks, randomBytes, log: silentLog });
  /** Keys and visitors say nothing of themselves; a guest changes. */
  const readable = [...callers].filter(
    ([name, token]) => name.startsWith("ours.") && !name.endsWith(".guest") && token.startsWith("eyJ"),
  );
  let asked = 0;
  const ask = async (
    schema: Subgraph["schema"],
    type: GraphQLObjectType,
    [caller, id]: readonly [string, string],
  ): Promise<Observed> => {
    const attempt = `entity-${String(++asked)}`;
    const source = `query Ask($of: [_Any!]!) { _entities(representations: $of) { ... on ${type.name} { ${writer(2).below(type)} } } }`;
    const call = calls.fromClaims(claimsIn(callers.get(caller) ?? ""), { requestId: `req_${attempt}` });
    const variableValues = { of: [{ __typename: type.name, id }] };
    const answer = await watch.during(attempt, () => graphql({ schema, source, contextValue: call, variableValues }));
    const commands = watch.of(attempt);
    watch.forget(attempt);
    return { status: 200, body: JSON.parse(JSON.stringify(answer)) as Body, commands };
  };
  return Object.values(platform.services).flatMap(({ name, schema: { schema, entities } }) =>
    Object.keys(entities).flatMap((entity): readonly EntityDoor[] => {
      const type = schema.getType(entity);
      return isObjectType(type)
        ? [
            {
              service: name,
              type: entity,
              callers: readable.map(([caller]) => caller),
              ask: (...who) => ask(schema, type, who),
            },
          ]
        : [];
    }),
  );
}
