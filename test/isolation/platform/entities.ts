import { randomBytes } from "node:crypto";
import { type Subgraph } from "@greentick/graphql";
import { type CallClaims, callFactory, silentLog } from "@greentick/runtime";
import { graphql, type GraphQLObjectType, isObjectType } from "graphql";
import { writer } from "../../asking/questions.js";
import { type Body, type EntityDoor, type Observed } from "../subject.js";
import { type Watch } from "../watch.js";
import { type Side } from "../world/sides.js";
import { type World } from "../world/world.js";

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

const factsIn = (token: string): TokenFacts =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as TokenFacts;

/** What one of our own tokens says of its bearer, as the gateway tells the services. */
function claimsIn(token: string): CallClaims {
  const { sub, tid, anc, live, stf, rol, kind, act } = factsIn(token);
  const place = { tenantId: tid, ancestorIds: anc, livemode: live, staff: stf, roles: rol };
  return { ...place, actor: act === undefined ? { kind, id: sub } : { kind: "staff", id: act.sub } } as CallClaims;
}

/** What the gateway tells of the side's API key. */
function claimsOfKey({ tokens, apiKey: { id, scopes } }: Side): CallClaims {
  const { tid, anc, live } = factsIn(tokens.owner);
  const place = { tenantId: tid, ancestorIds: anc, livemode: live, staff: false, roles: [] };
  return { ...place, actor: { kind: "api_key", id }, permissions: scopes, keyId: id } as unknown as CallClaims;
}

/** Everybody of a side as the services know them: visitors are nobody there, and a guest changes. */
const claimsOf = (side: Side): ReadonlyMap<string, CallClaims> =>
  new Map([
    ...Object.entries(side.tokens)
      .filter(([role, token]) => role !== "guest" && token.startsWith("eyJ"))
      .map(([role, token]) => [`${side.name}.${role}`, claimsIn(token)] as const),
    [`${side.name}.api_key`, claimsOfKey(side)] as const,
  ]);

interface Parts {
  readonly world: World;
  readonly watch: Watch;
}

/** Every entity at every service that resolves it, asked as the gateway asks when services run apart, with the caller's own rights. */
export function entityDoors({ world, watch }: Parts): readonly EntityDoor[] {
  const { platform } = world.local;
  const calls = callFactory({ clocks: platform.clocks, randomBytes, log: silentLog });
  const callers = claimsOf(world.ours);
  let asked = 0;
  const ask = async (
    schema: Subgraph["schema"],
    type: GraphQLObjectType,
    [caller, id]: readonly [string, string],
  ): Promise<Observed> => {
    const attempt = `entity-${String(++asked)}`;
    const source = `query Ask($of: [_Any!]!) { _entities(representations: $of) { ... on ${type.name} { ${writer(2).below(type)} } } }`;
    const claims = callers.get(caller);
    if (claims === undefined) throw new Error(`Nobody of our side is called ${caller}.`);
    const call = calls.fromClaims(claims, { requestId: `req_${attempt}` });
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
              callers: [...callers.keys()],
              ask: (...who) => ask(schema, type, who),
            },
          ]
        : [];
    }),
  );
}
