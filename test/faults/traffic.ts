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

/** One status of one message, in the place of a body where it stands. */
export interface SentUpdate {
  readonly messageId: string;
  readonly status: "sent" | "delivered" | "read" | "failed";
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

interface Naming {
  readonly seed: number;
  readonly run: number;
  readonly now: Date;
}

/** The line of one sender in one run: some messages, each with its statuses, cut into bodies at random, sometimes out of their order. */
export function lineOf(sender: Sender, { seed, run, now }: Naming, dice: Dice): Line {
  const updates: SentUpdate[] = [];
  for (let message = 0, most = 3 + dice.upTo(6); message < most; message++) {
    const messageId = `wamid.faults.${seed}.${run}.${sender.phoneNumberId}.${message}`;
    const fails = dice.chance(0.1);
    const story = fails ? (["sent", "failed"] as const) : (["sent", "delivered", "read"] as const);
    const told = dice.chance(0.3) ? dice.shuffled(story) : story;
    updates.push(...told.map((status) => ({ messageId, status, charged: !fails })));
  }
  const bodies: Body[] = [];
  for (let from = 0; from < updates.length;) {
    const many = 1 + dice.upTo(4);
    bodies.push(bodyOf(sender, updates.slice(from, from + many), now));
    from += many;
  }
  return { sender, bodies };
}

function bodyOf(sender: Sender, updates: readonly SentUpdate[], now: Date): Body {
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
  const text = JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: sender.wabaId, changes }] });
  const bytes = Buffer.from(text);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex"), updates };
}
