import { type Delivered, count, priceAll } from "./charges/counting.js";
import { noteTier, priceByToldTiers } from "./charges/told-tiers.js";
import { postSigned } from "./post.js";
import { type ProofRow } from "./store.js";
import { type World, appWebhook, nodeOf } from "./world.js";

/** A body to sign and post as it stands. */
export interface HandPost {
  /** Text is posted byte for byte; anything else is encoded as Meta encodes JSON. */
  readonly body: string;
  /** Where to; the app's address unless told. */
  readonly url?: string | undefined;
  /** Whether the deliveries that its statuses prove are counted as Meta's own, for analytics and invoice, and its volume tiers price them. */
  readonly count?: boolean | undefined;
}

/** Signs and posts a body once and answers what the receiver said: an HTTP status, or an error's code. */
export async function postByHand(
  world: World,
  { body, url, count: counts }: HandPost,
): Promise<{ readonly outcome: string }> {
  const to = url ?? (await appWebhook(world))?.callbackUrl;
  if (to === undefined)
    throw new Error("The app has no webhook address yet: POST /{app}/subscriptions first, or name a url.");
  if (counts === true) {
    await countProofs(world, body);
    await priceByToldTiers(world);
  }
  const outcome = await postSigned(world.poster, { url: to, secret: world.options.appSecret }, body);
  await world.store.outcomes.updateOne({ _id: outcome }, { $inc: { count: 1 } }, { upsert: true });
  return { outcome };
}

type Json = Record<string, unknown>;
const wordAt = (value: Json | undefined, key: string): string => {
  const found = value?.[key];
  return typeof found === "string" ? found : "";
};

/** Counts every message of the body once it has a proof of delivery and a price, in whichever order bodies bring them. */
async function countProofs(world: World, body: string): Promise<void> {
  const { entry = [] } = JSON.parse(body) as { entry?: { id: string; changes?: { value: Json }[] }[] };
  for (const { id, changes = [] } of entry) {
    for (const { value } of changes) {
      await noteTier(world, id, value);
      const phoneId = (value["metadata"] as { phone_number_id?: string } | undefined)?.phone_number_id ?? "";
      for (const status of (value["statuses"] as Json[] | undefined) ?? [])
        await countStatus(world, { wabaId: id, phoneId }, status);
    }
  }
}

async function countStatus(world: World, at: { wabaId: string; phoneId: string }, status: Json): Promise<void> {
  const pricing = status["pricing"] as Json | undefined;
  const key = chargeKey(status, pricing);
  const proves = ["delivered", "read", "played"].includes(String(status["status"]));
  const proof = proves ? { $min: { deliveredAt: new Date(Number(status["timestamp"]) * 1000) } } : {};
  const price = pricing === undefined ? {} : { $set: { pricing: { ...pricing, ...recipientOf(status) } } };
  if (!proves && pricing === undefined) return;
  const row = await world.store.proofs.findOneAndUpdate(
    { _id: key },
    { ...proof, ...price },
    { upsert: true, returnDocument: "after" },
  );
  if (row?.deliveredAt !== undefined && row.pricing !== undefined) await countDelivery(world, at, row);
}

/** One charge per message, under conversation-based pricing per conversation. */
function chargeKey(status: Json, pricing: Json | undefined): string {
  const conversation = (status["conversation"] as { id?: string } | undefined)?.id;
  if (pricing?.["pricing_model"] === "CBP" && conversation !== undefined) return `conversation:${conversation}`;
  return `message:${wordAt(status, "id")}:${wordAt(status, "recipient_participant_id")}`;
}

function recipientOf(status: Json): Json {
  const number =
    status["recipient_participant_id"] ?? (status["recipient_type"] === "group" ? undefined : status["recipient_id"]);
  return {
    digits: number,
    iso2: typeof status["recipient_user_id"] === "string" ? status["recipient_user_id"].slice(0, 2) : undefined,
  };
}

async function countDelivery(world: World, at: { wabaId: string; phoneId: string }, row: ProofRow): Promise<void> {
  const waba = await nodeOf(world, "waba", at.wabaId);
  const phone = await nodeOf(world, "phone", at.phoneId);
  if (waba === undefined || phone === undefined || row.deliveredAt === undefined) return;
  const { digits, iso2, cost } = (row.pricing ?? {}) as { digits?: string; iso2?: string; cost?: { amount: number } };
  const delivered: Delivered = {
    waba,
    phone,
    at: row.deliveredAt,
    category: wordAt(row.pricing, "category"),
    type: wordAt(row.pricing, "type") || "regular",
    ...(digits === undefined ? {} : { digits }),
    ...(iso2 === undefined ? {} : { iso2 }),
    ...(cost === undefined ? {} : { cost: String(cost.amount) }),
  };
  const [priced] = priceAll(world, [delivered], new Map());
  const source = `hand:${world.names.hex(24, row._id)}`;
  await world.store.counted.deleteMany({ source });
  if (priced !== undefined) await count(world, source, [priced]);
}
