import { graphErrors, GraphError } from "../graph-error.js";
import { type World, appWebhook, later } from "../world.js";
import { optionalText, text, words } from "./params.js";
import { type Params, type Reply, type Route, success } from "./route.js";

/** A code of Embedded Signup lives this long and works once (Meta: Embedded Signup, onboarding customers). */
const codeLifeMs = 30_000;

export const accessRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/oauth/access_token",
    params: ["client_id", "client_secret", "code", "grant_type", "redirect_uri"],
    token: "none",
    handle: async ({ world, params }) => grant(world, params),
  },
  {
    method: "GET",
    path: "/debug_token",
    params: ["input_token"],
    token: "app",
    handle: async ({ world, params }) => ({ data: await tokenFacts(world, text(params, "input_token")) }),
  },
  {
    method: "POST",
    path: "/{app}/subscriptions",
    params: ["object", "callback_url", "verify_token", "fields", "include_values"],
    token: "app",
    handle: async ({ world, params }) => subscribe(world, params),
  },
  {
    method: "GET",
    path: "/{app}/subscriptions",
    params: [],
    token: "app",
    handle: async ({ world }) => ({ data: await subscriptions(world) }),
  },
];

async function subscriptions(world: World): Promise<readonly unknown[]> {
  const app = await appWebhook(world);
  if (app === undefined) return [];
  const fields = app.fields.map((name) => ({ name, version: "v24.0" }));
  return [{ object: "whatsapp_business_account", callback_url: app.callbackUrl, active: true, fields }];
}

async function grant(world: World, params: Params): Promise<Reply> {
  if (text(params, "client_id") !== world.options.appId || text(params, "client_secret") !== world.options.appSecret) {
    throw new GraphError([400, 1], "Error validating client secret.");
  }
  if (optionalText(params, "grant_type") === "client_credentials") {
    return { access_token: `${world.options.appId}|${world.options.appSecret}`, token_type: "bearer" };
  }
  return { access_token: await exchange(world, text(params, "code")), token_type: "bearer" };
}

async function exchange(world: World, code: string): Promise<string> {
  const row = await world.store.codes.findOneAndUpdate({ _id: code, used: false }, { $set: { used: true } });
  if (row === null) {
    if ((await world.store.codes.findOne({ _id: code })) !== null) throw graphErrors.usedCode();
    throw new GraphError([400, 100], "Invalid verification code format.", { subcode: 36008 });
  }
  if (later(row.issuedAt, codeLifeMs) < world.clock.now()) throw graphErrors.expiredCode();
  const token = `EAA${world.names.hex(60, "token", code)}`;
  await world.store.tokens.insertOne({ _id: token, businessId: row.businessId, issuedAt: world.clock.now() });
  return token;
}

const scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];

async function tokenFacts(world: World, token: string): Promise<Record<string, unknown>> {
  const { appId, appSecret, systemToken, businessId } = world.options;
  const known = {
    app_id: appId,
    application: "Greentick local",
    data_access_expires_at: 0,
    expires_at: 0,
    is_valid: true,
  };
  if (token === `${appId}|${appSecret}`) return { ...known, type: "APP", scopes: [] };
  if (token === systemToken)
    return { ...known, type: "SYSTEM_USER", user_id: businessId, scopes: [...scopes, "business_management"] };
  const row = await world.store.tokens.findOne({ _id: token });
  if (row === null) {
    return {
      app_id: appId,
      is_valid: false,
      scopes: [],
      error: { code: 190, message: "The access token could not be decrypted" },
    };
  }
  const wabas = await world.store.nodes
    .find({ kind: "waba", businessId: row.businessId })
    .sort({ createdAt: -1 })
    .toArray();
  const target_ids = wabas.map((waba) => waba._id);
  return {
    ...known,
    type: "SYSTEM_USER",
    issued_at: Math.floor(row.issuedAt.getTime() / 1000),
    user_id: world.names.id("user", row.businessId),
    scopes,
    granular_scopes: scopes.map((scope) => ({ scope, target_ids })),
  };
}

/** Keeps the app's webhook address after it answered the challenge while this call was open (Meta: webhooks, verification requests). */
async function subscribe(world: World, params: Params): Promise<Reply> {
  if (text(params, "object") !== "whatsapp_business_account")
    throw graphErrors.invalid("object", "must be whatsapp_business_account.");
  const callbackUrl = text(params, "callback_url");
  const verifyToken = text(params, "verify_token");
  const fields = words(params, "fields") ?? [];
  await challenge(world, callbackUrl, verifyToken);
  await world.store.app.replaceOne({ _id: "app" }, { callbackUrl, verifyToken, fields }, { upsert: true });
  return success;
}

/** @throws GraphError 2200 when the address does not answer with the challenge. */
export async function challenge(world: World, callbackUrl: string, verifyToken: string): Promise<void> {
  const expected = world.names.digits(9, "challenge", callbackUrl);
  const failed = (why: string): GraphError =>
    new GraphError([400, 2200], `(#2200) Callback verification failed with the following errors: ${why}`);
  const query = new URLSearchParams({
    "hub.mode": "subscribe",
    "hub.challenge": expected,
    "hub.verify_token": verifyToken,
  });
  const reply = await fetch(`${callbackUrl}${callbackUrl.includes("?") ? "&" : "?"}${query.toString()}`, {
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  if (reply === undefined) throw failed("curl_errno = 7; the address could not be reached.");
  const answer = await reply.text();
  if (reply.status !== 200) throw failed(`HTTP Status Code = ${reply.status}; HTTP Message = ${reply.statusText}`);
  if (answer.trim() !== expected) throw failed("the response does not match the challenge.");
}
