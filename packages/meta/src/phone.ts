import { type Word } from "@greentick/kernel";
import { z } from "zod";
import { type Graph } from "./graph.js";
import { metaId, present, success, wordOf } from "./replies.js";
import { everyPage, get } from "./waba.js";
import { badgeStatuses, codeVerificationStatuses, nameStatuses, numberStatuses, qualityScores } from "./words.js";

export interface PhoneNumberFacts {
  readonly id: string;
  readonly displayPhoneNumber: string;
  readonly verifiedName?: string;
  readonly nameStatus?: Word<(typeof nameStatuses)[number]>;
  readonly codeVerification?: Word<(typeof codeVerificationStatuses)[number]>;
  /** CONNECTED is needed to send. */
  readonly status?: Word<(typeof numberStatuses)[number]>;
  readonly quality?: Word<(typeof qualityScores)[number]>;
  /** `STANDARD`, `HIGH`, `NOT_APPLICABLE`. */
  readonly throughputLevel?: string;
  readonly messagingLimit?: string;
  readonly isOfficialBusinessAccount?: boolean;
  readonly isPinEnabled?: boolean;
  readonly accountMode?: string;
  /** `AVAILABLE`, `LIMITED`, `BLOCKED`: the worst of number, account, business and app. */
  readonly canSendMessage?: string;
}

export interface BadgeFacts {
  readonly status: Word<(typeof badgeStatuses)[number]>;
  readonly message?: string;
}

/** The request for an Official Business Account, as Meta's form asks it. */
export interface BadgeApplication {
  readonly businessWebsiteUrl: string;
  readonly primaryCountryOfOperation: string;
  readonly primaryLanguage?: string;
  readonly parentBusinessOrBrand?: string;
  readonly supportingLinks?: readonly string[];
  readonly additionalSupportingInformation?: string;
}

export interface PhoneCalls {
  /** Adds a number to an account. Meta has no idempotency key: look with `listPhoneNumbers` before repeating. */
  readonly addPhoneNumber: (
    token: string,
    add: { readonly wabaId: string; readonly cc: string; readonly number: string; readonly verifiedName: string },
  ) => Promise<{ readonly id: string }>;
  readonly listPhoneNumbers: (token: string, wabaId: string) => Promise<readonly PhoneNumberFacts[]>;
  readonly getPhoneNumber: (token: string, phoneNumberId: string) => Promise<PhoneNumberFacts>;
  /** @throws MetaError code 136024 when the number is verified already. */
  readonly requestCode: (
    token: string,
    request: { readonly phoneNumberId: string; readonly method: "SMS" | "VOICE"; readonly language: string },
  ) => Promise<void>;
  /** @throws MetaError code 136025 for a wrong code. */
  readonly verifyCode: (
    token: string,
    verify: { readonly phoneNumberId: string; readonly code: string },
  ) => Promise<void>;
  /** Connects the number to the Cloud API. Repeating it with the same PIN changes nothing but counts against 10 calls in 72 hours. */
  readonly register: (
    token: string,
    register: { readonly phoneNumberId: string; readonly pin: string },
  ) => Promise<void>;
  readonly deregister: (token: string, phoneNumberId: string) => Promise<void>;
  /** Success means submitted, not granted. After a refusal the next request is possible 30 days later. */
  readonly requestOfficialBusinessAccount: (
    token: string,
    request: { readonly phoneNumberId: string; readonly application: BadgeApplication },
  ) => Promise<void>;
  readonly getOfficialBusinessAccount: (token: string, phoneNumberId: string) => Promise<BadgeFacts>;
}

const phoneFields =
  "id,display_phone_number,verified_name,name_status,code_verification_status,status,quality_rating,throughput,whatsapp_business_manager_messaging_limit,is_official_business_account,is_pin_enabled,account_mode,health_status";

const phoneReply = z
  .object({
    id: metaId,
    display_phone_number: z.string().default(""),
    verified_name: z.string().optional(),
    name_status: wordOf(nameStatuses).optional(),
    code_verification_status: wordOf(codeVerificationStatuses).optional(),
    status: wordOf(numberStatuses).optional(),
    quality_rating: wordOf(qualityScores).optional(),
    throughput: z.object({ level: z.string() }).optional(),
    whatsapp_business_manager_messaging_limit: z.string().optional(),
    is_official_business_account: z.boolean().optional(),
    is_pin_enabled: z.boolean().optional(),
    account_mode: z.string().optional(),
    health_status: z.object({ can_send_message: z.string() }).optional(),
  })
  .transform((raw): PhoneNumberFacts => {
    const facts = {
      verifiedName: raw.verified_name,
      nameStatus: raw.name_status,
      codeVerification: raw.code_verification_status,
      status: raw.status,
      quality: raw.quality_rating,
      throughputLevel: raw.throughput?.level,
      messagingLimit: raw.whatsapp_business_manager_messaging_limit,
      isOfficialBusinessAccount: raw.is_official_business_account,
      isPinEnabled: raw.is_pin_enabled,
      accountMode: raw.account_mode,
      canSendMessage: raw.health_status?.can_send_message,
    };
    return { id: raw.id, displayPhoneNumber: raw.display_phone_number, ...present(facts) };
  });

export function phoneCalls(graph: Graph): PhoneCalls {
  return { ...readingCalls(graph), ...registrationCalls(graph), ...badgeCalls(graph) };
}

function readingCalls(graph: Graph): Pick<PhoneCalls, "listPhoneNumbers" | "getPhoneNumber" | "addPhoneNumber"> {
  return {
    addPhoneNumber: async (token, { wabaId, cc, number, verifiedName }) =>
      graph({
        method: "POST",
        route: "/{waba}/phone_numbers",
        ids: [wabaId],
        token,
        params: { cc, phone_number: number, verified_name: verifiedName },
        repeatable: false,
        reply: z.object({ id: metaId }),
      }),
    listPhoneNumbers: async (token, wabaId) =>
      everyPage(
        graph,
        { ...get("/{waba}/phone_numbers", [wabaId], token), params: { fields: phoneFields } },
        phoneReply,
      ),
    getPhoneNumber: async (token, phoneNumberId) =>
      graph({ ...get("/{phone}", [phoneNumberId], token), params: { fields: phoneFields }, reply: phoneReply }),
  };
}

type Registration = "requestCode" | "verifyCode" | "register" | "deregister";

function registrationCalls(graph: Graph): Pick<PhoneCalls, Registration> {
  const post = async (edge: string, token: string, { phoneNumberId, ...params }: NumberCall): Promise<void> => {
    const route = `/{phone}/${edge}`;
    await graph({ method: "POST", route, ids: [phoneNumberId], token, params, repeatable: false, reply: success });
  };
  return {
    requestCode: async (token, { phoneNumberId, method, language }) =>
      post("request_code", token, { phoneNumberId, code_method: method, language }),
    verifyCode: async (token, { phoneNumberId, code }) => post("verify_code", token, { phoneNumberId, code }),
    register: async (token, { phoneNumberId, pin }) =>
      post("register", token, { phoneNumberId, messaging_product: "whatsapp", pin }),
    deregister: async (token, phoneNumberId) => post("deregister", token, { phoneNumberId }),
  };
}

interface NumberCall extends Readonly<Record<string, string>> {
  readonly phoneNumberId: string;
}

function badgeCalls(graph: Graph): Pick<PhoneCalls, "requestOfficialBusinessAccount" | "getOfficialBusinessAccount"> {
  return {
    requestOfficialBusinessAccount: async (token, { phoneNumberId, application }) => {
      const params = {
        business_website_url: application.businessWebsiteUrl,
        primary_country_of_operation: application.primaryCountryOfOperation,
        primary_language: application.primaryLanguage,
        parent_business_or_brand: application.parentBusinessOrBrand,
        supporting_links: application.supportingLinks,
        additional_supporting_information: application.additionalSupportingInformation,
      };
      const route = "/{phone}/official_business_account";
      await graph({ method: "POST", route, ids: [phoneNumberId], token, params, repeatable: false, reply: success });
    },
    getOfficialBusinessAccount: async (token, phoneNumberId) =>
      graph({
        ...get("/{phone}", [phoneNumberId], token),
        params: { fields: "official_business_account" },
        reply: badgeReply,
      }),
  };
}

const badgeReply = z
  .object({
    official_business_account: z.object({ oba_status: wordOf(badgeStatuses), status_message: z.string().optional() }),
  })
  .transform(({ official_business_account: badge }): BadgeFacts => ({
    status: badge.oba_status,
    ...(badge.status_message === undefined ? {} : { message: badge.status_message }),
  }));
