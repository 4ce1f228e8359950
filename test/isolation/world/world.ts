import { actFor, ask, type LocalPlatform, reconcile, type Target } from "@greentick/gateway";
import { type TenantId } from "@greentick/kernel";
import { openEndpoints } from "../recipes/endpoints.js";
import { askForBadge, betterBadge } from "./badges.js";
import { end, type Hand, passDays, start } from "./clock.js";
import { bringBothLive, leaveCasesOpen, meetAbsentMeta, submitTemplates } from "./onboarding.js";
import { type Databases, plantFaults } from "./planted.js";
import { setPlans } from "./plans.js";
import { replayLedger } from "./replays.js";
import { type Side, type SideCaller, stories, type Story } from "./sides.js";
import { correctDelivery, deliverWithoutPrice, exchangeMessages, reportEverything } from "./traffic.js";
import { spend } from "./spending.js";
import { announceCategory, draftEverything, failSubmission } from "./words.js";

/** Two sides that know nothing of each other below one provider. */
export interface World {
  readonly local: LocalPlatform;
  readonly ours: Side;
  readonly theirs: Side;
}

const tokenSeconds = 6 * 3_600;
const create = `mutation Create($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }`;

type Role = Parameters<LocalPlatform["platform"]["identity"]["seedPerson"]>[0]["roles"][number];

async function personToken({ platform }: LocalPlatform, tenantId: string, role: Role, canary: string): Promise<string> {
  const { identity } = platform;
  const email = `${role}@${canary.toLowerCase()}.example`;
  const { id } = await identity.seedPerson({
    tenantId: tenantId as TenantId,
    name: `${canary} ${role}`,
    email,
    roles: [role],
  });
  return (await identity.issueFor(id, tokenSeconds)).token;
}

/** A reseller of its own, and a client below it that its staff bring live. */
async function openSide(local: LocalPlatform, story: Story, hand: Hand): Promise<Side> {
  const { target } = local;
  const { canary, client } = story;
  const input = {
    ...client,
    name: `${canary} Partners`,
    legalName: `${canary} Partners S.A.S.`,
    kind: "RESELLER",
    idempotencyKey: `reseller:${canary}`,
  };
  const { createTenant } = await ask<{ createTenant: { tenant: { id: string } } }>(
    target,
    target.tokens.platform_admin,
    create,
    { input },
  );
  const resellerId = createTenant.tenant.id;
  await target.settle();
  const reseller = await personToken(local, resellerId, "platform_admin", `${canary}Partners`);
  const resellerAgent = await personToken(local, resellerId, "onboarding_agent", `${canary}Partners`);
  const asReseller: Target = {
    ...target,
    tokens: { ...target.tokens, platform_admin: reseller, onboarding_agent: resellerAgent },
  };
  const live = await bringBothLive(asReseller, story, hand);
  const { tenantId } = live;
  const member = (role: Role): Promise<string> => personToken(local, tenantId, role, canary);
  const tokens: Record<SideCaller, string> = {
    owner: await member("owner"),
    developer: await member("developer"),
    billing_viewer: await member("billing_viewer"),
    visiting_staff: await actFor(target, tenantId, `A question of ${canary}`),
    reseller,
    reseller_agent: resellerAgent,
    newcomer: await newcomer(asReseller, story),
    guest: await member("owner"),
    api_key: "",
    visitor: "",
  };
  const { secret, ...apiKey } = await newKey(target, tokens.owner, story);
  tokens.api_key = secret;
  await closeEarly(asReseller, story);
  return { ...story, live, resellerId, tenantId, tokens, apiKey };
}

/** A key that may do all that a key can. */
async function newKey(
  target: Target,
  owner: string,
  { canary }: Story,
): Promise<Side["apiKey"] & { readonly secret: string }> {
  const { apiKeyScopes } = await ask<{ apiKeyScopes: string[] }>(target, owner, "query Scopes { apiKeyScopes }");
  const input = { name: `${canary} till`, scopes: apiKeyScopes, idempotencyKey: "till" };
  const { createApiKey } = await ask<{ createApiKey: { secret: string; apiKey: { id: string } } }>(target, owner, key, {
    input,
  });
  return { id: createApiKey.apiKey.id, scopes: apiKeyScopes, secret: createApiKey.secret };
}
const key = `mutation Key($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }`;

/** A client of theirs that leaves at once: its data is due for erasure long before the story's end. */
async function closeEarly(target: Target, { canary, client }: Story): Promise<void> {
  const staff = target.tokens.platform_admin;
  const input = { ...client, name: `${canary} Tres`, legalName: `${canary} Tres S.A.S.`, idempotencyKey: "leaver" };
  const { createTenant } = await ask<{ createTenant: { tenant: { id: string } } }>(target, staff, create, { input });
  const tenantId = createTenant.tenant.id;
  for (const step of [activate, close]) await ask(target, staff, step, { input: { tenantId, reason: "It leaves" } });
  await target.settle();
}
const activate = `mutation Activate($input: TenantStatusInput!) { activateTenant(input: $input) { tenant { id } } }`;
const close = `mutation Close($input: TenantStatusInput!) { closeTenant(input: $input) { tenant { id } } }`;

/** Staff of the reseller in a second client of theirs, for which nothing is open yet. */
async function newcomer(target: Target, { canary, client }: Story): Promise<string> {
  const input = { ...client, name: `${canary} Dos`, legalName: `${canary} Dos S.A.S.`, idempotencyKey: "newcomer" };
  const { createTenant } = await ask<{ createTenant: { tenant: { id: string } } }>(
    target,
    target.tokens.onboarding_agent,
    create,
    { input },
  );
  await target.settle();
  return actFor(target, createTenant.tenant.id, `The second client of ${canary}`);
}

/** Every step at our side, then at theirs. */
const atBoth =
  (sides: readonly Side[]) =>
  async (...steps: readonly ((side: Side) => Promise<unknown>)[]): Promise<void> => {
    for (const step of steps) for (const side of sides) await step(side);
  };

/** Plays both sides' story, step by step at both. @param hooksUrl where somebody takes what is sent to a side. */
export async function playWorld(local: LocalPlatform, databases: Databases, hooksUrl: string): Promise<World> {
  const { target } = local;
  const hand: Hand = { now: start };
  const ours = await openSide(local, stories.ours, hand);
  const theirs = await openSide(local, stories.theirs, hand);
  const both = atBoth([ours, theirs]);
  await both(
    (side) => submitTemplates(target, side, hand),
    (side) => draftEverything(target, side),
    (side) => failSubmission(target, side),
    (side) => setPlans(target, side),
    async (side) => betterBadge(target, side, await askForBadge(target, side, 0)),
  );
  await passDays(target, hand, 31);
  await both((side) => askForBadge(target, side, 1));
  await passDays(target, hand, 2);
  await exchangeMessages(target, [ours, theirs]);
  await both(
    (side) => leaveCasesOpen(target, side),
    (side) => reportEverything(target, side),
    (side) => correctDelivery(target, side),
    (side) => deliverWithoutPrice(target, side),
  );
  await target.moveClock(end);
  await reconcile(target, "2026-11");
  await both(
    (side) => compareMonth(target, side),
    (side) => spend(target, side),
    (side) => announceCategory(target, side),
    (side) => meetAbsentMeta(target, side, databases),
    (side) => actFor(target, side.tenantId, `The month of ${side.canary}`),
    (side) => openEndpoints({ target, sides: { ours, theirs } }, side === ours ? "ours" : "theirs", hooksUrl),
  );
  await target.settle();
  await both(
    (side) => plantFaults(databases, side),
    (side) => lookAgain(target, side),
    (side) => replayLedger(target, databases, side),
  );
  await target.settle();
  return { local, ours, theirs };
}

const replay = `mutation Replay($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) { task { id } } }`;

/** The provider looks what of a side's bodies would be different today. */
const lookAgain = (target: Target, { tenantId, canary }: Side): Promise<unknown> =>
  ask(target, target.tokens.platform_admin, replay, {
    input: { mode: "INERT", from: "2020-01-01T00:00:00Z", tenantId, reason: `A look at the bodies of ${canary}` },
  });

const compare = `mutation Compare($input: RunReconciliationInput!) { runReconciliation(input: $input) { run { id } } }`;

/** The reseller's own comparisons: of a month with messages, and of one of which nobody has figures. */
async function compareMonth(target: Target, side: Side): Promise<void> {
  for (const month of ["2026-11", "2020-01"]) await ask(target, side.tokens.reseller, compare, { input: { month } });
  await target.settle();
}
