import { attachCredit } from "./graph/waba.js";
import { createNumber } from "./graph/phone.js";
import { reviewDelayMs } from "./reviews.js";
import { type WabaNode, onceOnly, reserve } from "./store.js";
import { type World, change, emit, later, requireNode, schedule } from "./world.js";
import { zoneIdOf } from "./zones.js";

export interface FixedIds {
  readonly businessId?: string | undefined;
  readonly wabaId?: string | undefined;
  readonly phoneNumberId?: string | undefined;
}

/** What a client enters in the windows of Embedded Signup. */
export interface SignupInput {
  readonly businessName: string;
  readonly wabaName: string;
  readonly currency: string;
  /** IANA name; must be a zone that Meta offers. */
  readonly timezone: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly businessVerified?: boolean | undefined;
  /** A number entered on the way: added, not yet verified. */
  readonly phone?: { readonly cc: string; readonly number: string; readonly verifiedName: string } | undefined;
  /** Ids to use instead of generated ones; a business id that exists is the same business with one more account. */
  readonly ids?: FixedIds | undefined;
  /**
   * Skips what usually follows: the account is subscribed and pays through our line, the number is verified, named and registered.
   * For tests that begin where onboarding ends.
   */
  readonly ready?: boolean | undefined;
}

export interface SignupResult {
  /** To be exchanged within 30 seconds of the simulator's clock, once. */
  readonly code: string;
  readonly wabaId: string;
  readonly businessId: string;
  readonly phoneNumberId?: string;
  /** The window message that the browser of the client gets. */
  readonly event: {
    readonly type: "WA_EMBEDDED_SIGNUP";
    readonly event: "FINISH" | "FINISH_ONLY_WABA";
    readonly version: 3;
    readonly data: Readonly<Record<string, string>>;
  };
}

/** The client's part of onboarding: business, account and perhaps a number come to be, and a code for us (Meta: Embedded Signup). */
export async function embeddedSignup(world: World, input: SignupInput): Promise<SignupResult> {
  if (zoneIdOf(input.timezone) === undefined)
    throw new Error(`Meta offers no time zone ${input.timezone}; GET /_sim/timezones lists them.`);
  const round = await reserve(world.store, "signup");
  const businessId = input.ids?.businessId ?? world.names.id("business", input.businessName);
  const wabaId = input.ids?.wabaId ?? world.names.id("waba", input.businessName, input.wabaName);
  await createAccount(world, input, { businessId, wabaId });
  const phoneNumberId = await createPhone(world, input, { businessId, wabaId });
  if (input.ready === true) await makeReady(world, wabaId, phoneNumberId);
  const code = `AQ${world.names.hex(40, "code", wabaId, round)}`;
  await world.store.codes.insertOne({ _id: code, businessId, issuedAt: world.clock.now(), used: false });
  const ids = { waba_id: wabaId, business_id: businessId };
  const data = phoneNumberId === undefined ? ids : { phone_number_id: phoneNumberId, ...ids };
  const event = phoneNumberId === undefined ? ("FINISH_ONLY_WABA" as const) : ("FINISH" as const);
  return {
    code,
    ...{ wabaId, businessId },
    ...(phoneNumberId === undefined ? {} : { phoneNumberId }),
    event: { type: "WA_EMBEDDED_SIGNUP", event, version: 3, data },
  };
}

interface Ids {
  readonly businessId: string;
  readonly wabaId: string;
}

async function createAccount(world: World, input: SignupInput, { businessId, wabaId }: Ids): Promise<void> {
  const business = { kind: "business" as const, name: input.businessName, verified: input.businessVerified ?? true };
  await onceOnly(async () => world.store.nodes.insertOne({ _id: businessId, ...business }));
  const now = world.clock.now();
  const waba: WabaNode = {
    _id: wabaId,
    kind: "waba",
    name: input.wabaName,
    businessId,
    currency: input.currency,
    zone: input.timezone,
    country: input.country,
    createdAt: now,
    review: "PENDING",
    subscribed: false,
  };
  await onceOnly(async () => world.store.nodes.insertOne(waba));
  await schedule(world, { kind: "account", about: wabaId, dueAt: later(now, reviewDelayMs.account) });
  const waba_info = { waba_id: wabaId, owner_business_id: businessId, partner_app_id: world.options.appId };
  await emit(world, {
    entryId: world.options.businessId,
    field: "account_update",
    value: { event: "PARTNER_ADDED", waba_info },
    id: `partner-added:${wabaId}`,
  });
}

async function createPhone(world: World, input: SignupInput, ids: Ids): Promise<string | undefined> {
  if (input.phone === undefined) return undefined;
  const { cc, number, verifiedName } = input.phone;
  const id = input.ids?.phoneNumberId ?? world.names.id("phone", ids.wabaId, cc, number);
  await onceOnly(async () => createNumber(world, { id, ...ids, cc, national: number, verifiedName }));
  return id;
}

async function makeReady(world: World, wabaId: string, phoneNumberId: string | undefined): Promise<void> {
  const waba = await requireNode(world, "waba", wabaId);
  if (waba.fundingId === undefined) await attachCredit(world, waba);
  await change<"waba">(world, waba, { subscribed: true, review: "APPROVED" });
  await world.store.jobs.deleteOne({ kind: "account", about: wabaId });
  if (phoneNumberId === undefined) return;
  const phone = await requireNode(world, "phone", phoneNumberId);
  await change<"phone">(world, phone, {
    nameStatus: "APPROVED",
    codeStatus: "VERIFIED",
    status: "CONNECTED",
    pin: "000000",
  });
  await world.store.jobs.deleteMany({ kind: "name", about: phoneNumberId });
}
