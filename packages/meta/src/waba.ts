import { type Word } from "@greentick/kernel";
import { z } from "zod";
import { type Graph, type GraphRequest } from "./graph.js";
import { digits, metaId, nextPage, paging, present, success, wordOf } from "./replies.js";
import { accountReviewStatuses } from "./words.js";

export interface WabaFacts {
  readonly id: string;
  readonly name: string;
  readonly currency?: string;
  /** Meta's numeric zone id as digits; see `ianaZoneOf`. */
  readonly timezoneId?: string;
  readonly country?: string;
  readonly accountReview?: Word<(typeof accountReviewStatuses)[number]>;
  /** Lower case: `verified`, `not_verified`, `pending`, … */
  readonly businessVerification?: string;
  readonly ownerBusinessId?: string;
  readonly ownerBusinessName?: string;
  /** What pays for the account. Absent: it cannot send paid messages. */
  readonly primaryFundingId?: string;
}

export interface CreditAllocation {
  readonly id: string;
  /** Equal to the account's `primaryFundingId` once it is attached. */
  readonly receivingCredentialId?: string;
  readonly receivingBusinessId?: string;
  /** `DELETED` after it was revoked. */
  readonly requestStatus?: string;
}

export interface WabaCalls {
  readonly getWaba: (token: string, wabaId: string) => Promise<WabaFacts>;
  /** Our app receives the account's webhooks from now on. Safe to repeat. */
  readonly subscribeApp: (
    token: string,
    wabaId: string,
    override?: { readonly callbackUri: string; readonly verifyToken: string },
  ) => Promise<void>;
  /** Ids of the apps that receive the account's webhooks. */
  readonly listSubscribedApps: (token: string, wabaId: string) => Promise<readonly string[]>;
  /**
   * Lets the account pay through our credit line. An attached line can never be replaced, and a second attachment is refused: ask
   * `creditAttached` first. Not repeated. Needs the system token.
   */
  readonly shareCredit: (systemToken: string, share: CreditShare) => Promise<{ readonly allocationConfigId: string }>;
  /** Allocations of our line to this client business; to look before sharing. */
  readonly findCreditAllocations: (
    systemToken: string,
    find: { readonly creditLineId: string; readonly businessId: string },
  ) => Promise<readonly CreditAllocation[]>;
  readonly getCreditAllocation: (systemToken: string, allocationConfigId: string) => Promise<CreditAllocation>;
  /** Whether the account really pays through this allocation: both sides name the same credential (Meta: share credit lines, verify). */
  readonly creditAttached: (
    systemToken: string,
    attached: { readonly allocationConfigId: string; readonly wabaId: string },
  ) => Promise<boolean>;
}

export interface CreditShare {
  readonly creditLineId: string;
  readonly wabaId: string;
  readonly currency: string;
}

const wabaFields =
  "id,name,currency,timezone_id,country,account_review_status,business_verification_status,owner_business_info,primary_funding_id";

const wabaReply = z
  .object({
    id: metaId,
    name: z.string().default(""),
    currency: z.string().optional(),
    timezone_id: digits.optional(),
    country: z.string().optional(),
    account_review_status: wordOf(accountReviewStatuses).optional(),
    business_verification_status: z.string().toLowerCase().optional(),
    owner_business_info: z.object({ id: metaId.optional(), name: z.string().optional() }).optional(),
    primary_funding_id: metaId.optional(),
  })
  .transform((raw): WabaFacts => {
    const facts = {
      currency: raw.currency,
      timezoneId: raw.timezone_id,
      country: raw.country,
      accountReview: raw.account_review_status,
      businessVerification: raw.business_verification_status,
      ownerBusinessId: raw.owner_business_info?.id,
      ownerBusinessName: raw.owner_business_info?.name,
      primaryFundingId: raw.primary_funding_id,
    };
    return { id: raw.id, name: raw.name, ...present(facts) };
  });

const allocationReply = z
  .object({
    id: metaId,
    receiving_credential: z.object({ id: metaId }).optional(),
    receiving_business: z.object({ id: metaId }).optional(),
    request_status: z.string().optional(),
  })
  .transform((raw): CreditAllocation => ({
    id: raw.id,
    ...(raw.receiving_credential === undefined ? {} : { receivingCredentialId: raw.receiving_credential.id }),
    ...(raw.receiving_business === undefined ? {} : { receivingBusinessId: raw.receiving_business.id }),
    ...(raw.request_status === undefined ? {} : { requestStatus: raw.request_status }),
  }));

const allocationFields = "id,receiving_credential,receiving_business,request_status";

export function wabaCalls(graph: Graph): WabaCalls {
  const getWaba: WabaCalls["getWaba"] = async (token, wabaId) =>
    graph({ ...get("/{waba}", [wabaId], token), params: { fields: wabaFields }, reply: wabaReply });
  const getCreditAllocation: WabaCalls["getCreditAllocation"] = async (token, id) =>
    graph({ ...get("/{allocation}", [id], token), params: { fields: allocationFields }, reply: allocationReply });
  return {
    getWaba,
    getCreditAllocation,
    ...subscriptionCalls(graph),
    ...creditCalls(graph),
    creditAttached: async (token, { allocationConfigId, wabaId }) => {
      const [allocation, waba] = await Promise.all([
        getCreditAllocation(token, allocationConfigId),
        getWaba(token, wabaId),
      ]);
      return waba.primaryFundingId !== undefined && waba.primaryFundingId === allocation.receivingCredentialId;
    },
  };
}

function subscriptionCalls(graph: Graph): Pick<WabaCalls, "subscribeApp" | "listSubscribedApps"> {
  return {
    subscribeApp: async (token, wabaId, override) => {
      await graph({
        method: "POST",
        route: "/{waba}/subscribed_apps",
        ids: [wabaId],
        token,
        params: { override_callback_uri: override?.callbackUri, verify_token: override?.verifyToken },
        repeatable: true,
        reply: success,
      });
    },
    listSubscribedApps: async (token, wabaId) => {
      const reply = await graph({ ...get("/{waba}/subscribed_apps", [wabaId], token), reply: subscribedAppsReply });
      return reply.data.map((row) => row.whatsapp_business_api_data.id);
    },
  };
}

const subscribedAppsReply = z.object({
  data: z.array(z.object({ whatsapp_business_api_data: z.object({ id: metaId }) })),
});

function creditCalls(graph: Graph): Pick<WabaCalls, "shareCredit" | "findCreditAllocations"> {
  return {
    shareCredit: async (token, { creditLineId, wabaId, currency }) => {
      const reply = await graph({
        method: "POST",
        route: "/{credit-line}/whatsapp_credit_sharing_and_attach",
        ids: [creditLineId],
        token,
        params: { waba_id: wabaId, waba_currency: currency },
        repeatable: false,
        reply: z.object({ allocation_config_id: metaId }),
      });
      return { allocationConfigId: reply.allocation_config_id };
    },
    findCreditAllocations: async (token, { creditLineId, businessId }) => {
      const request = get("/{credit-line}/owning_credit_allocation_configs", [creditLineId], token);
      const params = { receiving_business_id: businessId, fields: allocationFields };
      return everyPage(graph, { ...request, params }, allocationReply);
    },
  };
}

export const get = (route: string, ids: readonly string[], token: string) =>
  ({ method: "GET", route, ids, token, repeatable: true }) as const;

/** All elements of a list edge, page by page. */
export async function everyPage<T>(
  graph: Graph,
  request: Omit<GraphRequest<T>, "reply">,
  item: z.ZodType<T>,
): Promise<readonly T[]> {
  const found: T[] = [];
  const reply = z.object({ data: z.array(item), paging });
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const page = await graph({ ...request, params: { ...request.params, after }, reply });
    found.push(...page.data);
    after = nextPage(page.paging);
  }
  return found;
}
