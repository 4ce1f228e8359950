import { event, wabaLinked } from "@greentick/contracts";
import { AppError, type Call, tenantScope } from "@greentick/kernel";
import { type Sealed, without } from "../../domain/owned.js";
import { type SignupCase } from "../../domain/signup-case.js";
import { linkWaba, observeWaba, type Waba, type WabaFacts } from "../../domain/waba.js";
import { type OnboardingPorts } from "../../ports.js";
import { seeWaba, tokenOf, wabaOf } from "../look.js";
import { wabaChanges } from "../mirror-events.js";
import { ownerOf } from "../open-signup-case.js";
import { about } from "../secrets.js";
import { refused, type StepOutcome, type StepWork } from "./outcome.js";

const neededScope = "whatsapp_business_management";

/** The code becomes the client's business token; the token must be valid and carry the management permission (Meta: Embedded Signup). */
export const exchangeCode: StepWork = async (ports, call, one) => {
  const token = await exchangedToken(ports, call, one);
  if (token === undefined) return goneCode;
  const facts = await ports.meta.checkToken(call, token);
  if (!facts.valid) return goneCode;
  if (!facts.scopes.includes(neededScope))
    return refused(
      "client",
      `The token lacks ${neededScope}.`,
      "Abandon this case; the client goes through Embedded Signup again and grants every permission.",
    );
  return { done: { tokenValid: "true", scopes: facts.scopes.join(" "), namedAccounts: facts.wabaIds.join(" ") } };
};

const goneCode = refused(
  "client",
  "The code of Embedded Signup no longer gives a token.",
  "The client goes through Embedded Signup again; retry with the new code within 30 seconds.",
);

/** A code works once, so its token is kept before anything else is asked. */
async function exchangedToken(
  { cases, meta, vault }: OnboardingPorts,
  call: Call,
  one: SignupCase,
): Promise<string | undefined> {
  if (one.sealedToken !== undefined) return vault.open(about.token(one), one.sealedToken);
  if (one.sealedSignupCode === undefined) return undefined;
  const token = await meta.exchangeCode(call, await vault.open(about.signupCode(one), one.sealedSignupCode));
  const sealedToken = await vault.seal(about.token(one), token);
  await cases.save(call, { ...without(one, "sealedSignupCode"), sealedToken }, []);
  return token;
}

interface SeenAccount {
  readonly facts: WabaFacts;
  readonly currency: string;
  readonly timeZone: string;
}

/** Meta's description of the account, where it is enough to route, to rate and to pay for it. */
async function describe(
  { meta }: OnboardingPorts,
  call: Call,
  { one, token }: { readonly one: SignupCase; readonly token: string },
): Promise<SeenAccount | StepOutcome> {
  const { facts, timeZone } = await meta.readWaba(call, token, one.wabaId);
  const owner = facts.ownerBusinessId;
  if (owner !== undefined && owner !== one.metaBusinessId)
    return refused(
      "client",
      `The account belongs to portfolio ${owner}, not to ${one.metaBusinessId}.`,
      "Abandon this case and open one with the ids that Embedded Signup gave.",
    );
  if (facts.currency === undefined || timeZone === undefined)
    return refused(
      "client",
      `Meta shows no ${facts.currency === undefined ? "currency" : "known time zone"} for the account, so nothing could be priced.`,
      "The client sets currency and time zone of the account in WhatsApp Manager, then retry.",
    );
  return { facts, currency: facts.currency, timeZone };
}

/** The account belongs to this client from now on and keeps the token; a second number of the same account renews both. */
export const linkAccount: StepWork = async (ports, call, one) => {
  const { vault, wabas } = ports;
  const known = await wabas.findOne(tenantScope(call), { wabaId: one.wabaId });
  const sealedToken = one.sealedToken ?? known?.sealedToken;
  if (sealedToken === undefined)
    return refused("client", "The business token is gone.", "Abandon this case and go through Embedded Signup again.");
  const token = await vault.open(about.token(one), sealedToken);
  const seen = await describe(ports, call, { one, token });
  if (!("facts" in seen)) return seen;
  const linked = await keepAccount(ports, call, { one, seen, sealedToken, known });
  if (!("id" in linked)) return linked;
  return {
    done: {
      name: seen.facts.name ?? "",
      currency: seen.currency,
      timeZone: seen.timeZone,
      review: seen.facts.review ?? "not told",
    },
    learnt: (before) => ({ ...without(before, "sealedToken"), wabaRecordId: linked.id }),
  };
};

interface Linking {
  readonly one: SignupCase;
  readonly seen: SeenAccount;
  readonly sealedToken: Sealed;
  readonly known: Waba | undefined;
}

async function keepAccount(
  { wabas }: OnboardingPorts,
  call: Call,
  { one, seen, sealedToken, known }: Linking,
): Promise<Waba | StepOutcome> {
  if (known !== undefined) {
    const { next, changes } = observeWaba({ ...known, sealedToken }, seen.facts, { at: call.now(), source: "signup" });
    return wabas.save(call, next, wabaChanges(next, changes));
  }
  const { facts, currency, timeZone } = seen;
  const { wabaId, metaBusinessId } = one;
  const waba = linkWaba(
    { ...ownerOf(call), id: call.newId("waba"), wabaId, metaBusinessId, currency, timeZone, sealedToken, facts },
    call.now(),
  );
  const linked = event(wabaLinked, {
    wabaId,
    recordId: waba.id,
    metaBusinessId,
    name: facts.name ?? "",
    currency,
    timeZone,
    from: call.now(),
  });
  try {
    return await wabas.insert(call, waba, [linked]);
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "waba_taken") throw error;
    return refused("staff", error.message, "Find out which client the account belongs to; abandon this case.");
  }
}

/** Our app receives the account's webhooks; Meta lists it afterwards. */
export const subscribeApp: StepWork = async (ports, call, one) => {
  const { meta } = ports;
  const waba = await wabaOf(ports, call, one.wabaId);
  const token = await tokenOf(ports, waba);
  const before = await meta.isSubscribed(call, token, one.wabaId);
  if (!before) await meta.subscribe(call, token, one.wabaId);
  if (!before && !(await meta.isSubscribed(call, token, one.wabaId)))
    return refused(
      "staff",
      "Meta accepted the subscription but does not list our app.",
      "Retry; if it stays, check the app's webhook settings.",
    );
  await noteSubscribed(ports, call, one.wabaId);
  return { done: { subscribedApps: "our app is listed", before: before ? "it was already" : "it was not" } };
};

const subscribedTries = 5;

/**
 * Meta's first report of the account can arrive while we note that we asked for it: then the account is read again, since asking Meta again would
 * find our own subscription and take it for an older one.
 */
async function noteSubscribed(ports: OnboardingPorts, call: Call, wabaId: string, tried = 1): Promise<void> {
  const waba = await wabaOf(ports, call, wabaId);
  try {
    await ports.wabas.save(call, { ...waba, subscribedAt: waba.subscribedAt ?? call.now() }, []);
  } catch (error) {
    const raced = error instanceof AppError && error.reason === "version_conflict";
    if (!raced || tried >= subscribedTries) throw error;
    await noteSubscribed(ports, call, wabaId, tried + 1);
  }
}

/** The account pays through our credit line: what funds it is the credential of our allocation (Meta: share and revoke credit lines). */
export const shareCredit: StepWork = async (ports, call, one) => {
  const { meta, wabas } = ports;
  const waba = await wabaOf(ports, call, one.wabaId);
  const account = { wabaId: waba.wabaId, businessId: waba.metaBusinessId, currency: waba.currency };
  const before = await meta.attachedAllocation(call, account);
  const allocationConfigId = before ?? (await meta.shareCredit(call, account));
  const kept = await wabas.save(call, { ...waba, allocationConfigId }, []);
  if (!(await meta.pays(call, { ...account, allocationConfigId })))
    return refused(
      "staff",
      `Allocation ${allocationConfigId} exists, but the account's primary_funding_id is not its receiving credential.`,
      "The account cannot send paid messages: check its payment method with Meta, then retry.",
    );
  const seen = await seeWaba(ports, call, { waba: kept, source: "signup" });
  return {
    done: {
      allocationConfigId,
      primaryFundingId: seen.mirror.fundingId?.value ?? "",
      check: "primary_funding_id equals receiving_credential.id",
    },
  };
};
