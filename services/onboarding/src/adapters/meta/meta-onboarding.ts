import { AppError, type Call } from "@greentick/kernel";
import {
  ianaZoneOf,
  type MetaClient,
  MetaError,
  type PhoneNumberFacts,
  type WabaFacts as MetaWaba,
} from "@greentick/meta";
import { formOf, type BadgeRequest } from "../../domain/badge-request.js";
import { MetaRefusal } from "../../domain/meta-refusal.js";
import { digitsOf, type NumberFacts } from "../../domain/phone-number.js";
import { type WabaFacts } from "../../domain/waba.js";
import { type MetaOnboarding, type SeenNumber } from "../../ports.js";

/** A Meta and what we need at it as a solution partner. */
export interface MetaAccess {
  readonly client: MetaClient;
  readonly appId: string;
  readonly systemToken: string;
  readonly creditLineId: string;
}

/** Which Meta a tenant works with: Meta itself for live tenants, a local one for sandbox tenants. */
export type AccessFor = (call: Call) => MetaAccess;

/** @throws PROVIDER_UNAVAILABLE/sandbox_not_configured for a sandbox tenant of a deployment without a local Meta. */
export const accessByMode =
  (live: MetaAccess, sandbox: MetaAccess | undefined): AccessFor =>
  (call) => {
    if (call.livemode) return live;
    if (sandbox !== undefined) return sandbox;
    throw new AppError(
      "PROVIDER_UNAVAILABLE",
      "sandbox_not_configured",
      "This platform has no Meta for sandbox tenants: set META_SANDBOX_GRAPH_URL to the address of a local one.",
    );
  };

const wordsOf = ({ userTitle, userMessage }: MetaError): string | undefined =>
  [userTitle, userMessage].filter((part) => part !== null).join(": ") || undefined;

/** Meta's errors as this service knows them; everything else is a bug and passes. */
function asRefusal(error: unknown): never {
  if (!(error instanceof MetaError)) throw error;
  const words = wordsOf(error);
  const facts = {
    operation: error.operation,
    ...(error.code !== null && { code: String(error.code) }),
    ...(error.subcode !== null && { subcode: String(error.subcode) }),
    ...(words !== undefined && { words }),
    ...(error.fbtraceId !== null && { traceId: error.fbtraceId }),
    passing: error.retryClass === "transient" || (error.retryClass === "throttle" && error.code !== 133016),
  };
  throw new MetaRefusal(facts, error.message, { cause: error });
}

const ask = <T>(work: Promise<T>): Promise<T> => work.catch(asRefusal);

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };
const given = <T extends object>(facts: T): Given<T> =>
  Object.fromEntries(Object.entries(facts).filter(([, one]) => one !== undefined)) as Given<T>;

const wabaFacts = (seen: MetaWaba): WabaFacts =>
  given({
    name: seen.name,
    currency: seen.currency,
    timezoneId: seen.timezoneId,
    country: seen.country,
    review: seen.accountReview?.raw,
    businessVerification: seen.businessVerification,
    ownerBusinessId: seen.ownerBusinessId,
    ownerBusinessName: seen.ownerBusinessName,
    fundingId: seen.primaryFundingId,
  });

const yesNo = (fact: boolean | undefined): string | undefined => (fact === undefined ? undefined : String(fact));

const numberFacts = (seen: PhoneNumberFacts): NumberFacts =>
  given({
    displayPhoneNumber: seen.displayPhoneNumber,
    verifiedName: seen.verifiedName,
    nameStatus: seen.nameStatus?.raw,
    codeVerification: seen.codeVerification?.raw,
    status: seen.status?.raw,
    quality: seen.quality?.raw,
    throughput: seen.throughputLevel,
    messagingLimit: seen.messagingLimit,
    official: yesNo(seen.isOfficialBusinessAccount),
    pinEnabled: yesNo(seen.isPinEnabled),
    canSendMessage: seen.canSendMessage,
    accountMode: seen.accountMode,
  });

const seenNumber = (seen: PhoneNumberFacts): SeenNumber => ({
  phoneNumberId: seen.id,
  digits: digitsOf(seen.displayPhoneNumber),
  facts: numberFacts(seen),
});

/** Onboarding's port over the Graph client. */
export function metaOnboarding(access: AccessFor): MetaOnboarding {
  return { ...accountCalls(access), ...numberCalls(access), ...badgeCalls(access) };
}

type AccountCalls =
  | "exchangeCode"
  | "checkToken"
  | "readWaba"
  | "isSubscribed"
  | "subscribe"
  | "attachedAllocation"
  | "shareCredit"
  | "pays";

function accountCalls(access: AccessFor): Pick<MetaOnboarding, AccountCalls> {
  return {
    exchangeCode: async (call, code) => (await ask(access(call).client.exchangeCode(code))).token,
    checkToken: async (call, token) => {
      const { isValid, scopes, wabaIds } = await ask(access(call).client.debugToken(token));
      return { valid: isValid, scopes, wabaIds };
    },
    readWaba: async (call, token, wabaId) => {
      const seen = await ask(access(call).client.getWaba(token, wabaId));
      const timeZone = seen.timezoneId === undefined ? undefined : ianaZoneOf(seen.timezoneId);
      return { facts: wabaFacts(seen), ...(timeZone !== undefined && { timeZone }) };
    },
    isSubscribed: async (call, token, wabaId) => {
      const { client, appId } = access(call);
      return (await ask(client.listSubscribedApps(token, wabaId))).includes(appId);
    },
    subscribe: async (call, token, wabaId) => ask(access(call).client.subscribeApp(token, wabaId)),
    attachedAllocation: async (call, { wabaId, businessId }) => {
      const { client, systemToken, creditLineId } = access(call);
      const allocations = await ask(client.findCreditAllocations(systemToken, { creditLineId, businessId }));
      for (const { id, requestStatus } of allocations)
        if (
          requestStatus !== "DELETED" &&
          (await ask(client.creditAttached(systemToken, { allocationConfigId: id, wabaId })))
        )
          return id;
      return undefined;
    },
    shareCredit: async (call, { wabaId, currency }) => {
      const { client, systemToken, creditLineId } = access(call);
      return (await ask(client.shareCredit(systemToken, { creditLineId, wabaId, currency }))).allocationConfigId;
    },
    pays: async (call, account) => {
      const { client, systemToken } = access(call);
      return ask(client.creditAttached(systemToken, account));
    },
  };
}

type NumberCalls = "listNumbers" | "readNumber" | "addNumber" | "requestCode" | "verifyCode" | "register";
/** Meta: error codes, 136024: the number is verified already. */
const alreadyVerified = "136024";

function numberCalls(access: AccessFor): Pick<MetaOnboarding, NumberCalls> {
  return {
    listNumbers: async (call, token, wabaId) =>
      (await ask(access(call).client.listPhoneNumbers(token, wabaId))).map(seenNumber),
    readNumber: async (call, token, phoneNumberId) =>
      seenNumber(await ask(access(call).client.getPhoneNumber(token, phoneNumberId))),
    addNumber: async (call, { token, wabaId }, number) => {
      const add = { wabaId, cc: number.countryCode, number: number.nationalNumber, verifiedName: number.displayName };
      return (await ask(access(call).client.addPhoneNumber(token, add))).id;
    },
    requestCode: async (call, { token, phoneNumberId }, method) => {
      const request = { phoneNumberId, method, language: "en_US" };
      return ask(access(call).client.requestCode(token, request)).then(
        () => "sent" as const,
        (error: unknown) => {
          if (error instanceof MetaRefusal && error.facts.code === alreadyVerified) return "already" as const;
          throw error;
        },
      );
    },
    verifyCode: async (call, { token, phoneNumberId }, code) =>
      ask(access(call).client.verifyCode(token, { phoneNumberId, code })),
    register: async (call, { token, phoneNumberId }, pin) =>
      ask(access(call).client.register(token, { phoneNumberId, pin })),
  };
}

/** The form exactly as the attempt records it, in the client's own names. */
function applicationOf(
  request: BadgeRequest,
): Parameters<MetaClient["requestOfficialBusinessAccount"]>[1]["application"] {
  const { application } = request;
  return {
    businessWebsiteUrl: application.websiteUrl,
    primaryCountryOfOperation: application.primaryCountry,
    ...(application.primaryLanguage !== undefined && { primaryLanguage: application.primaryLanguage }),
    ...(application.parentBrand !== undefined && { parentBusinessOrBrand: application.parentBrand }),
    supportingLinks: formOf(request)["supporting_links"] as readonly string[],
    ...(application.additionalInformation !== undefined && {
      additionalSupportingInformation: application.additionalInformation,
    }),
  };
}

function badgeCalls(access: AccessFor): Pick<MetaOnboarding, "readBadge" | "requestBadge"> {
  return {
    readBadge: async (call, token, phoneNumberId) => {
      const seen = await ask(access(call).client.getOfficialBusinessAccount(token, phoneNumberId));
      return { status: seen.status.raw, ...(seen.message !== undefined && { message: seen.message }) };
    },
    requestBadge: async (call, token, request) => {
      const { phoneNumberId } = request;
      await ask(
        access(call).client.requestOfficialBusinessAccount(token, {
          phoneNumberId,
          application: applicationOf(request),
        }),
      );
    },
  };
}
