import { createHmac } from "node:crypto";
import { accessRoutes } from "./access.js";
import { creditRoutes, wabaRoutes } from "./waba.js";
import { phoneRoutes } from "./phone.js";
import { templateRoutes } from "./template.js";
import { invoiceRoutes } from "../charges/invoice.js";
import { graphErrors } from "../graph-error.js";
import { type Node } from "../store.js";
import { type World } from "../world.js";
import { type GraphCall, type Method, type Params, type Reply, type Route, nodeTypes, pathKinds } from "./route.js";

const routes: readonly Route[] = [
  ...accessRoutes,
  ...wabaRoutes,
  ...creditRoutes,
  ...phoneRoutes,
  ...templateRoutes,
  ...invoiceRoutes,
];

/** Everything that the simulated Graph API answers: what is not in this table is refused in Meta's own envelope. */
export const metaSimRoutes: readonly {
  readonly method: Method;
  readonly path: string;
  readonly params: readonly string[];
}[] = routes.map(({ method, path, params }) => ({ method, path, params }));

export interface GraphRequest {
  readonly method: string;
  /** Without a version. */
  readonly path: string;
  readonly params: Params;
  /** From the Authorization header. */
  readonly bearer: string | undefined;
}

export interface Matched {
  readonly route: Route;
  readonly answer: () => Promise<Reply>;
}

/** Finds the route of a request and checks everything about it but what the route itself checks. @throws GraphError */
export async function match(world: World, request: GraphRequest): Promise<Matched> {
  const segments = request.path.split("/").filter((segment) => segment !== "");
  const { kind, node, id } = await target(world, segments);
  const route = routeFor(request.method, segments, kind);
  if (route === undefined) throw await noRoute(world, request, { kind, id, segments });
  const { access_token, appsecret_proof, ...params } = request.params;
  const token = request.bearer ?? (typeof access_token === "string" ? access_token : undefined);
  const businessId = await checkToken(world, route, token);
  if (appsecret_proof !== undefined) checkProof(world, token ?? "", appsecret_proof);
  checkVisible(world, { method: request.method, route, node, id }, businessId);
  const undeclared = Object.keys(params).find((name) => !route.params.includes(name));
  if (undeclared !== undefined) throw graphErrors.undeclared(undeclared);
  const call = { world, node, params, now: world.clock.now(), businessId: businessId ?? "" };
  return { route, answer: async () => route.handle(call as GraphCall) };
}

interface Target {
  readonly kind: string | undefined;
  readonly node: Node | undefined;
  readonly id: string;
}

/** The node that a path names, by its first numeric part. */
async function target(world: World, segments: readonly string[]): Promise<Target> {
  const id = segments.find((segment) => /^\d+$/.test(segment)) ?? "";
  if (id === world.options.appId) return { kind: "app", node: undefined, id };
  if (id === world.options.creditLineId) return { kind: "credit_line", node: undefined, id };
  const node = await world.store.nodes.findOne({ _id: id });
  if (node === null || (node.kind === "template" && node.status === "DELETED"))
    return { kind: undefined, node: undefined, id };
  return { kind: node.kind, node, id };
}

function routeFor(method: string, segments: readonly string[], kind: string | undefined): Route | undefined {
  return routes.find((route) => {
    const parts = route.path.split("/").slice(1);
    if (route.method !== method || parts.length !== segments.length) return false;
    return parts.every((part, at) =>
      part.startsWith("{") ? pathKinds[part] === kind && kind !== undefined : part === segments[at],
    );
  });
}

async function noRoute(
  world: World,
  request: GraphRequest,
  at: { kind: string | undefined; id: string; segments: readonly string[] },
): Promise<Error> {
  const edge = at.segments[1];
  if (at.id === "" || at.segments.length > 2) return graphErrors.unknownPath(request.path);
  if (at.kind === undefined) return graphErrors.missingNode(request.method, at.id);
  if ((await businessOf(world, tokenIn(request))) === undefined) return graphErrors.badToken();
  if (request.method === "GET" && edge !== undefined)
    return graphErrors.nonexistingField(edge, nodeTypes[at.kind] ?? at.kind);
  return graphErrors.missingNode(request.method, at.id);
}

const tokenIn = (request: GraphRequest): string =>
  request.bearer ?? (typeof request.params["access_token"] === "string" ? request.params["access_token"] : "");

/** The portfolio a token belongs to; ours for the app's and the system's. */
async function businessOf(world: World, token: string): Promise<string | undefined> {
  const { appId, appSecret, systemToken, businessId } = world.options;
  if (token === systemToken || token === `${appId}|${appSecret}`) return businessId;
  return (await world.store.tokens.findOne({ _id: token }))?.businessId;
}

async function checkToken(world: World, route: Route, token: string | undefined): Promise<string | undefined> {
  if (route.token === "none") return undefined;
  if (token === undefined || token === "") throw graphErrors.noToken();
  const { appId, appSecret, systemToken } = world.options;
  const businessId = await businessOf(world, token);
  if (businessId === undefined) throw graphErrors.badToken();
  const isApp = token === `${appId}|${appSecret}`;
  if ((route.token === "app") !== isApp)
    throw graphErrors.wrongToken(isApp ? "a token of a user" : "the app's access token");
  if (route.token === "system" && token !== systemToken)
    throw graphErrors.wrongToken("a system user token of the credit line's owner");
  return businessId;
}

function checkProof(world: World, token: string, proof: unknown): void {
  const expected = createHmac("sha256", world.options.appSecret).update(token).digest("hex");
  if (proof !== expected) throw graphErrors.badProof();
}

/** Our own tokens see every client that shares with us; a business token sees its own portfolio only. */
function checkVisible(
  world: World,
  { method, route, node, id }: { method: string; route: Route; node: Node | undefined; id: string },
  businessId: string | undefined,
): void {
  if (node === undefined || route.token === "none" || businessId === world.options.businessId) return;
  const owner = node.kind === "business" ? node._id : "businessId" in node ? node.businessId : undefined;
  if (owner !== businessId) throw graphErrors.missingNode(method, id);
}
