import { pricingAnalytics, analyticsParams } from "../charges/analytics.js";
import { graphErrors, GraphError } from "../graph-error.js";
import { type WabaNode } from "../store.js";
import { type World, change, nodeOf } from "../world.js";
import { zoneIdOf } from "../zones.js";
import { challenge } from "./access.js";
import { type AskedField, askedFields, selected } from "./fields.js";
import { optionalText, paged, text } from "./params.js";
import { type GraphCall, type Reply, type Route, nodeTypes, on, success } from "./route.js";

const selection = { nodeType: nodeTypes["waba"] ?? "", usual: ["id", "name", "currency", "timezone_id"] };

export const wabaRoutes: readonly Route[] = [
  on(["waba", "GET", "/{waba}"], { params: ["fields"], handle: async (call) => readWaba(call) }),
  on(["waba", "GET", "/{waba}/subscribed_apps"], {
    handle: async ({ world, node }) => Promise.resolve(subscriptions(world, node)),
  }),
  on(["waba", "POST", "/{waba}/subscribed_apps"], {
    params: ["override_callback_uri", "verify_token"],
    handle: async (call) => subscribe(call),
  }),
  on(["waba", "DELETE", "/{waba}/subscribed_apps"], {
    handle: async ({ world, node }) => {
      await change<"waba">(world, node, { subscribed: false });
      return success;
    },
  }),
  on(["waba", "GET", "/{waba}/pricing_analytics"], {
    params: analyticsParams,
    handle: async ({ world, node, params }) => ({ data: await pricingAnalytics(world, node, params) }),
  }),
  on(["business", "GET", "/{business}"], { params: ["fields"], handle: async (call) => readBusiness(call) }),
];

async function readWaba({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const asked = askedFields(params);
  const business = await nodeOf(world, "business", node.businessId);
  const table = { ...wabaTable(node), ...ownerTable(node.businessId, business?.name, business?.verified === true) };
  const analytics = asked?.find(({ name }) => name === "pricing_analytics");
  return selected({ ...table, pricing_analytics: await analyticsField(world, node, analytics) }, asked, selection);
}

async function analyticsField(world: World, node: WabaNode, field: AskedField | undefined): Promise<unknown> {
  if (field === undefined) return undefined;
  const unknown = Object.keys(field.args).find((name) => !analyticsParams.includes(name));
  if (unknown !== undefined) throw graphErrors.undeclared(unknown);
  return { data: await pricingAnalytics(world, node, field.args) };
}

const wabaTable = (node: WabaNode): Record<string, unknown> => ({
  id: node._id,
  name: node.name,
  currency: node.currency,
  timezone_id: zoneIdOf(node.zone),
  country: node.country,
  status: "ACTIVE",
  creation_time: Math.floor(node.createdAt.getTime() / 1000),
  message_template_namespace: `ns_${node._id}`,
  account_review_status: node.review,
  ownership_type: "CLIENT_OWNED",
  primary_funding_id: node.fundingId,
  primary_business_location: node.country,
  whatsapp_business_manager_messaging_limit: "TIER_2K",
  is_enabled_for_insights: true,
  health_status: {
    can_send_message: node.fundingId === undefined ? "LIMITED" : "AVAILABLE",
    entities: [
      { entity_type: "WABA", id: node._id, can_send_message: node.fundingId === undefined ? "LIMITED" : "AVAILABLE" },
    ],
  },
});

const ownerTable = (businessId: string, name: string | undefined, verified: boolean): Record<string, unknown> => ({
  owner_business: { id: businessId, name },
  owner_business_info: { id: businessId, name },
  business_verification_status: verified ? "verified" : "not_verified",
});

function subscriptions(world: World, node: WabaNode): Reply {
  if (!node.subscribed) return { data: [] };
  const whatsapp_business_api_data = {
    id: world.options.appId,
    name: "Greentick local",
    link: "https://www.facebook.com/",
  };
  const override = node.override === undefined ? {} : { override_callback_uri: node.override.callbackUri };
  return { data: [{ whatsapp_business_api_data, ...override }] };
}

async function subscribe({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const callbackUri = optionalText(params, "override_callback_uri");
  if (callbackUri === undefined) {
    await change<"waba">(world, node, { subscribed: true });
    return success;
  }
  if (callbackUri.length > 200)
    throw graphErrors.invalid("override_callback_uri", "must be at most 200 characters long.");
  const verifyToken = text(params, "verify_token");
  await challenge(world, callbackUri, verifyToken);
  await change<"waba">(world, node, { subscribed: true, override: { callbackUri, verifyToken } });
  return success;
}

async function readBusiness({ world, node, params, businessId }: GraphCall<"business">): Promise<Reply> {
  if (businessId !== node._id && businessId !== world.options.businessId)
    throw graphErrors.missingNode("GET", node._id);
  const table = { id: node._id, name: node.name, verification_status: node.verified ? "verified" : "not_verified" };
  return Promise.resolve(selected(table, askedFields(params), { nodeType: "Business", usual: ["id", "name"] }));
}

export const creditRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/{credit-line}/whatsapp_credit_sharing_and_attach",
    params: ["waba_id", "waba_currency"],
    token: "system",
    handle: async (call) => shareCredit(call),
  },
  {
    method: "GET",
    path: "/{credit-line}/owning_credit_allocation_configs",
    params: ["receiving_business_id", "fields", "limit", "after", "before"],
    token: "system",
    handle: async (call) => listAllocations(call),
  },
  on(["allocation", "GET", "/{allocation-config}"], {
    params: ["fields"],
    token: "system",
    handle: async ({ node, params }) =>
      Promise.resolve(selected(allocationTable(node), askedFields(params), allocations)),
  }),
];

async function listAllocations({ world, params }: GraphCall): Promise<Reply> {
  const receiver = optionalText(params, "receiving_business_id");
  const filter = { kind: "allocation" as const, ...(receiver === undefined ? {} : { receivingBusinessId: receiver }) };
  const found = await world.store.nodes.find(filter).sort({ _id: 1 }).toArray();
  const rows = found.flatMap((node) =>
    node.kind === "allocation" ? [selected(allocationTable(node), askedFields(params), allocations)] : [],
  );
  return { ...paged(params, rows) };
}

const allocations = { nodeType: nodeTypes["allocation"] ?? "", usual: ["id", "receiving_business"] };

const allocationTable = (node: {
  readonly _id: string;
  readonly creditLineId: string;
  readonly receivingBusinessId: string;
  readonly receivingCredentialId: string;
  readonly requestStatus: string;
}): Record<string, unknown> => ({
  id: node._id,
  owning_credential: { id: node.creditLineId },
  receiving_business: { id: node.receivingBusinessId },
  receiving_credential: { id: node.receivingCredentialId },
  request_status: node.requestStatus,
  liability_type: "Normal",
  partition_type: "AUTH",
});

/** Currencies that Meta has rate cards in since July 2026. */
const currencies = "USD AED ARS AUD BRL CLP COP EUR GBP IDR INR MXN MYR PEN SAR SGD".split(" ");

/** One allocation per client business; an attached account can never get another line (Meta: share credit lines). */
async function shareCredit({ world, params }: GraphCall): Promise<Reply> {
  const wabaId = text(params, "waba_id");
  const currency = text(params, "waba_currency");
  if (!currencies.includes(currency))
    throw graphErrors.invalid("waba_currency", `must be one of {${currencies.join(", ")}}.`);
  const waba = await nodeOf(world, "waba", wabaId);
  if (waba === undefined) throw graphErrors.missingNode("POST", wabaId);
  if (waba.currency !== currency)
    throw graphErrors.invalid("waba_currency", `differs from the account's currency ${waba.currency}.`);
  if (waba.fundingId !== undefined) {
    throw new GraphError([400, 100], "Invalid parameter", {
      userTitle: "Credit line already attached",
      userMessage: "The WhatsApp Business account already has a line of credit, which cannot be replaced.",
    });
  }
  const allocationId = await attachCredit(world, waba);
  return { allocation_config_id: allocationId, waba_id: wabaId };
}

/** Attaches our credit line to an account and answers the allocation's id. */
export async function attachCredit(world: World, waba: WabaNode): Promise<string> {
  const { creditLineId } = world.options;
  const allocationId = world.names.id("allocation", creditLineId, waba.businessId);
  const receivingCredentialId = world.names.id("credential", waba.businessId);
  const fields = {
    kind: "allocation" as const,
    creditLineId,
    receivingBusinessId: waba.businessId,
    receivingCredentialId,
    requestStatus: "ACCEPTED" as const,
  };
  await world.store.nodes.updateOne({ _id: allocationId }, { $setOnInsert: fields }, { upsert: true });
  await change<"waba">(world, waba, { fundingId: receivingCredentialId });
  return allocationId;
}
