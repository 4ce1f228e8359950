import { createHash } from "node:crypto";
import { type Dice } from "./dice.js";

/** A number of a client that messages were sent from. */
export interface Sender {
  readonly tenantId: string;
  readonly wabaId: string;
  readonly phoneNumberId: string;
  /** Country code and the digits that follow it, up to the last four. */
  readonly recipients: string;
}

type Status = "sent" | "delivered" | "read" | "failed";

/** One status of one message, in the place of a body where it stands. */
export interface SentUpdate {
  readonly messageId: string;
  readonly status: Status;
  /** Meta charges for the message of which this is said. */
  readonly charged: boolean;
}

/** A body as Meta would send it. */
export interface Body {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly updates: readonly SentUpdate[];
}

/** What one number's messages cause: bodies in the order in which they are sent, one after the other is acknowledged. */
export interface Line {
  readonly sender: Sender;
  readonly bodies: readonly Body[];
}

const utility = { billable: true, pricing_model: "PMP", category: "utility", type: "regular" };

export interface Telling {
  readonly seed: number;
  readonly run: number;
  readonly now: Date;
  /** All statuses of a message in any order; otherwise seldom. */
  readonly anyOrder: boolean;
  /** Everything is said again in other bodies: in another batch, and with its keys in another order. */
  readonly inOtherForms: boolean;
}

/** The line of one sender in one run: some messages, each with its statuses, cut into bodies at random, sometimes out of their order. */
export function lineOf(sender: Sender, telling: Telling, dice: Dice): Line {
  const { seed, run, now, anyOrder, inOtherForms } = telling;
  const updates: SentUpdate[] = [];
  for (let message = 0, most = 2 + dice.upTo(4); message < most; message++) {
    const messageId = `wamid.faults.${seed}.${run}.${sender.phoneNumberId}.${message}`;
    const fails = dice.chance(0.1);
    const story: readonly Status[] = fails ? ["sent", "failed"] : ["sent", "delivered", "read"];
    const told = anyOrder || dice.chance(0.3) ? dice.shuffled(story) : story;
    updates.push(...told.map((status) => ({ messageId, status, charged: !fails })));
  }
  const bodies: Body[] = [];
  for (let from = 0; from < updates.length;) {
    const some = updates.slice(from, from + 1 + dice.upTo(4));
    from += some.length;
    bodies.push(bodyOf(sender, some, now));
    if (!inOtherForms) continue;
    bodies.push(bodyOf(sender, some, now, backwards));
    bodies.push(bodyOf(sender, [...some, ...dice.shuffled(updates.slice(0, from)).slice(0, 2)], now));
  }
  return { sender, bodies };
}

/** The same, its keys the other way round. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, backwards(one)]),
  );
}

type Form = (body: unknown) => unknown;

function bodyOf(sender: Sender, updates: readonly SentUpdate[], now: Date, form: Form = (body) => body): Body {
  const changes = updates.map(({ messageId, status }) => ({
    field: "messages",
    value: {
      messaging_product: "whatsapp",
      metadata: { display_phone_number: sender.recipients, phone_number_id: sender.phoneNumberId },
      statuses: [
        {
          id: messageId,
          status,
          timestamp: String(Math.floor(now.getTime() / 1_000)),
          recipient_id: `${sender.recipients}${String(messageId.length).padStart(4, "0")}`,
          ...(status === "failed"
            ? { errors: [{ code: 131_026, title: "Message undeliverable" }] }
            : { pricing: utility }),
        },
      ],
    },
  }));
  const body = form({ object: "whatsapp_business_account", entry: [{ id: sender.wabaId, changes }] });
  const bytes = Buffer.from(JSON.stringify(body));
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex"), updates };
}
