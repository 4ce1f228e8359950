import { type NodeKind } from "../store.js";
import { type NodeOf, type World } from "../world.js";

export type Method = "GET" | "POST" | "DELETE";
/** `none`: no token. `app`: the app's own. `system`: our portfolio's. `any`: ours, or the business token of the node's owner. */
export type TokenNeed = "none" | "app" | "system" | "any";

export type Params = Readonly<Record<string, unknown>>;

export interface GraphCall<K extends NodeKind = NodeKind> {
  readonly world: World;
  readonly node: NodeOf<K>;
  readonly params: Params;
  readonly now: Date;
  /** The portfolio whose token this is. */
  readonly businessId: string;
}

/** One line of the table of everything that the simulated Graph API answers. */
export interface Route {
  readonly method: Method;
  /** Variable parts in braces; the first one names the kind of node: `/{waba}/phone_numbers`. */
  readonly path: string;
  /** Every parameter that is accepted beside `access_token` and `appsecret_proof`. */
  readonly params: readonly string[];
  readonly token: TokenNeed;
  readonly handle: (call: GraphCall) => Promise<Reply>;
}
export type Reply = Readonly<Record<string, unknown>> | TextReply;

/** An answer that is not JSON. */
export class TextReply {
  constructor(
    readonly contentType: string,
    readonly text: string,
  ) {}
}

interface RouteSpec<K extends NodeKind> {
  readonly params?: readonly string[];
  readonly token?: TokenNeed;
  readonly handle: (call: GraphCall<K>) => Promise<Reply>;
}

/** A route on a node of one kind; the router hands over a node of exactly that kind. */
export function on<K extends NodeKind>(
  where: readonly [kind: K, method: Method, path: string],
  spec: RouteSpec<K>,
): Route {
  const [, method, path] = where;
  const handle = spec.handle as unknown as (call: GraphCall) => Promise<Reply>;
  return { method, path, params: spec.params ?? [], token: spec.token ?? "any", handle };
}

/** Names of node kinds in paths, and as Meta calls their types in error messages. */
export const pathKinds: Readonly<Record<string, NodeKind | "app" | "credit_line">> = {
  "{app}": "app",
  "{business}": "business",
  "{waba}": "waba",
  "{phone}": "phone",
  "{template}": "template",
  "{credit-line}": "credit_line",
  "{allocation-config}": "allocation",
  "{invoice}": "invoice",
};
export const nodeTypes: Readonly<Record<string, string>> = {
  app: "Application",
  business: "Business",
  waba: "WhatsAppBusinessAccount",
  phone: "WhatsAppBusinessPhoneNumber",
  template: "WhatsAppBusinessHSM",
  credit_line: "ExtendedCredit",
  allocation: "ExtendedCreditAllocationConfig",
  invoice: "OmegaCustomerTrx",
};

export const success: Reply = { success: true };
