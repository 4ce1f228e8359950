import { graphErrors } from "../graph-error.js";
import { type PhoneNode } from "../store.js";
import { reviewDelayMs } from "../reviews.js";
import { type World, change, days, later, schedule } from "../world.js";
import { requestBadge, badgeParams } from "./badge.js";
import { askedFields, selected } from "./fields.js";
import { oneOf, optionalText, paged, text } from "./params.js";
import { type GraphCall, type Reply, type Route, nodeTypes, on, success } from "./route.js";

const selection = {
  nodeType: nodeTypes["phone"] ?? "",
  usual: [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
  ],
};

export const phoneRoutes: readonly Route[] = [
  on(["waba", "GET", "/{waba}/phone_numbers"], {
    params: ["fields", "limit", "after", "before"],
    handle: async (call) => listNumbers(call),
  }),
  on(["waba", "POST", "/{waba}/phone_numbers"], {
    params: ["cc", "phone_number", "verified_name", "migrate_phone_number", "preverified_id"],
    handle: async (call) => addNumber(call),
  }),
  on(["phone", "GET", "/{phone}"], {
    params: ["fields"],
    handle: async ({ node, params }) => Promise.resolve(selected(phoneTable(node), askedFields(params), selection)),
  }),
  on(["phone", "POST", "/{phone}"], { params: ["pin", "new_display_name"], handle: async (call) => editNumber(call) }),
  on(["phone", "POST", "/{phone}/request_code"], {
    params: ["code_method", "language"],
    handle: async (call) => requestCode(call),
  }),
  on(["phone", "POST", "/{phone}/verify_code"], { params: ["code"], handle: async (call) => verifyCode(call) }),
  on(["phone", "POST", "/{phone}/register"], {
    params: ["messaging_product", "pin", "data_localization_region"],
    handle: async (call) => register(call),
  }),
  on(["phone", "POST", "/{phone}/deregister"], { handle: async (call) => deregister(call) }),
  on(["phone", "POST", "/{phone}/official_business_account"], {
    params: badgeParams,
    handle: async (call) => requestBadge(call),
  }),
];

const phoneTable = (node: PhoneNode): Record<string, unknown> => ({
  id: node._id,
  display_phone_number: `+${node.cc} ${node.national}`,
  verified_name: node.verifiedName,
  name_status: node.nameStatus,
  new_display_name: undefined,
  new_name_status: "NONE",
  quality_rating: "GREEN",
  code_verification_status: node.codeStatus,
  status: node.status,
  is_official_business_account: node.badge.status === "APPROVED",
  official_business_account: { oba_status: node.badge.status },
  whatsapp_business_manager_messaging_limit: "TIER_2K",
  throughput: { level: node.status === "CONNECTED" ? "STANDARD" : "NOT_APPLICABLE" },
  account_mode: "LIVE",
  platform_type: node.status === "CONNECTED" ? "CLOUD_API" : "NOT_APPLICABLE",
  host_platform: node.status === "CONNECTED" ? "CLOUD_API" : "NOT_APPLICABLE",
  is_on_biz_app: false,
  is_pin_enabled: node.pin !== undefined,
  last_onboarded_time: node.createdAt.toISOString(),
  health_status: healthOf(node),
});

function healthOf(node: PhoneNode): unknown {
  const can_send_message = node.status === "CONNECTED" ? "AVAILABLE" : "BLOCKED";
  return { can_send_message, entities: [{ entity_type: "PHONE_NUMBER", id: node._id, can_send_message }] };
}

/** Newest first, as Meta lists them. */
async function listNumbers({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const rows = await world.store.nodes
    .find({ kind: "phone", wabaId: node._id })
    .sort({ createdAt: -1, _id: 1 })
    .toArray();
  const answers = rows.flatMap((row) =>
    row.kind === "phone" ? [selected(phoneTable(row), askedFields(params), selection)] : [],
  );
  return { ...paged(params, answers) };
}

async function addNumber({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const cc = text(params, "cc").replace(/^\+/, "");
  const national = text(params, "phone_number").replace(/\D/g, "");
  if (!/^\d{1,3}$/.test(cc)) throw graphErrors.invalid("cc", "must be a country calling code.");
  if (!/^\d{4,14}$/.test(national)) throw graphErrors.invalid("phone_number", "must be a valid phone number.");
  if (optionalText(params, "migrate_phone_number") === "true")
    throw graphErrors.invalid("migrate_phone_number", "is not offered for this number.");
  const taken = await world.store.nodes.findOne({ kind: "phone", cc, national });
  if (taken !== null)
    throw graphErrors.refused("Number already exists", "This phone number is already in your list.", 2388012);
  const owned = { wabaId: node._id, businessId: node.businessId };
  const id = await createNumber(world, { ...owned, cc, national, verifiedName: text(params, "verified_name") });
  return { id };
}

interface NewNumber {
  readonly id?: string;
  readonly wabaId: string;
  readonly businessId: string;
  readonly cc: string;
  readonly national: string;
  readonly verifiedName: string;
}

/** A number that was just added: neither verified nor registered, its name under review. */
export async function createNumber(world: World, number: NewNumber): Promise<string> {
  const { id, ...given } = number;
  const _id = id ?? world.names.id("phone", number.wabaId, number.cc, number.national);
  const createdAt = world.clock.now();
  await world.store.nodes.insertOne({
    _id,
    kind: "phone",
    ...given,
    nameStatus: "PENDING_REVIEW",
    codeStatus: "NOT_VERIFIED",
    codesSent: 0,
    status: "PENDING",
    registrations: [],
    badge: { status: "NOT_STARTED" },
    createdAt,
  });
  await schedule(world, {
    kind: "name",
    about: _id,
    dueAt: later(createdAt, reviewDelayMs.displayName),
    submission: 1,
  });
  return _id;
}

async function editNumber({ world, node, params, now }: GraphCall<"phone">): Promise<Reply> {
  const pin = optionalText(params, "pin");
  const verifiedName = optionalText(params, "new_display_name");
  if (pin === undefined && verifiedName === undefined) throw graphErrors.missing("pin");
  if (pin !== undefined) await change<"phone">(world, node, { pin: checkedPin(pin) });
  if (verifiedName !== undefined) {
    await change<"phone">(world, node, { verifiedName, nameStatus: "PENDING_REVIEW" });
    const submission = Math.floor(now.getTime() / 1000);
    await schedule(world, { kind: "name", about: node._id, dueAt: later(now, reviewDelayMs.displayName), submission });
  }
  return success;
}

async function requestCode({ world, node, params }: GraphCall<"phone">): Promise<Reply> {
  oneOf(params, "code_method", ["SMS", "VOICE"]);
  if (!/^[a-z]{2}(_[A-Z]{2})?$/.test(text(params, "language")))
    throw graphErrors.invalid("language", "must be a language code such as en_US.");
  if (node.codeStatus === "VERIFIED") throw graphErrors.number(136024, "Phone number already verified.");
  const code = world.names.digits(6, "code", node._id, node.codesSent);
  await change<"phone">(world, node, { code, codesSent: node.codesSent + 1 });
  return success;
}

async function verifyCode({ world, node, params }: GraphCall<"phone">): Promise<Reply> {
  const code = text(params, "code").replace("-", "");
  if (node.codeStatus === "VERIFIED") throw graphErrors.number(136024, "Phone number already verified.");
  if (node.code === undefined || code !== node.code)
    throw graphErrors.number(136025, "The verification code is wrong.");
  await change<"phone">(world, node, { codeStatus: "VERIFIED" });
  return success;
}

const regions = "AE AU BH BR CA CH DE GB ID IN JP KR SG ZA".split(" ");

async function register({ world, node, params, now }: GraphCall<"phone">): Promise<Reply> {
  if (text(params, "messaging_product") !== "whatsapp")
    throw graphErrors.invalid("messaging_product", "must be whatsapp.");
  const pin = checkedPin(text(params, "pin"));
  const region = optionalText(params, "data_localization_region");
  if (region !== undefined && !regions.includes(region))
    throw graphErrors.invalid("data_localization_region", "is not a region of the list.");
  const registrations = withinLimit(node, now);
  if (node.codeStatus !== "VERIFIED")
    throw graphErrors.number(133006, "Phone number needs to be verified before registering.");
  if (node.pin !== undefined && node.pin !== pin)
    throw graphErrors.number(133005, "Two-step verification PIN mismatch.");
  await change<"phone">(world, node, { status: "CONNECTED", pin, registrations });
  await schedule(world, {
    kind: "capability",
    about: node.wabaId,
    dueAt: later(now, reviewDelayMs.capability),
    submission: 1,
  });
  return success;
}

async function deregister({ world, node, now }: GraphCall<"phone">): Promise<Reply> {
  const registrations = withinLimit(node, now);
  if (node.status !== "CONNECTED") throw graphErrors.number(133010, "The phone number is not registered.");
  await change<"phone">(world, node, { status: "DISCONNECTED", registrations });
  return success;
}

/** Ten registrations and deregistrations of a number in moving 72 hours. */
function withinLimit(node: PhoneNode, now: Date): readonly Date[] {
  const recent = node.registrations.filter((at) => later(at, days(3)) > now);
  if (recent.length >= 10)
    throw graphErrors.number(133016, "Registration or deregistration was tried too often for this number.", 429);
  return [...recent, now];
}

function checkedPin(pin: string): string {
  if (!/^\d{6}$/.test(pin)) throw graphErrors.invalid("pin", "must be a 6-digit number.");
  return pin;
}
