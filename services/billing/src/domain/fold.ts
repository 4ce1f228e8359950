import {
  type Fact,
  first,
  instantOrder,
  messageFactId,
  observe,
  pricingOrder,
  proofOrder,
  recipientOrder,
  type Seen,
  type Sighting,
} from "./fact.js";
import { without } from "./without.js";
import { readModel } from "./words.js";

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)];

/** The facts of messages that these status updates are about. */
export const messageIds = (sightings: readonly Sighting[]): readonly string[] => unique(sightings.map(messageFactId));

/** The messages after these status updates; of those that are not in `known` nothing was seen before. */
export function foldMessages(known: ReadonlyMap<string, Fact>, sightings: readonly Sighting[]): readonly Fact[] {
  const after = new Map<string, Fact>();
  for (const sighting of sightings) {
    const id = messageFactId(sighting);
    after.set(id, observe(after.get(id) ?? known.get(id), sighting));
  }
  return [...after.values()];
}

export const isPricedByConversation = ({ pricing }: Fact): boolean =>
  pricing !== undefined && readModel(pricing.pricing.model) === "conversations";

/**
 * The conversation that a message counts in: some status said that it is priced by conversation, and some status, perhaps another one, named the
 * conversation. A conversation id alone says nothing, because later API versions give each message one of its own (Meta: webhooks, messages,
 * status). Once known it stays.
 */
function conversationIdOf(message: Fact): string | undefined {
  if (message.joined !== undefined) return message.joined;
  const { tenantId, conversationKey } = message;
  if (conversationKey === undefined || !isPricedByConversation(message)) return undefined;
  return `${tenantId}/conversation/${conversationKey}/-`;
}

export const conversationIds = (messages: readonly Fact[]): readonly string[] =>
  unique(messages.flatMap((message) => conversationIdOf(message) ?? []));

/**
 * The messages, and the conversations that some of them count in: everything that is known of such a message goes into its conversation, in
 * whatever order statuses, prices and conversation came. Safe to repeat.
 */
export function foldConversations(known: ReadonlyMap<string, Fact>, messages: readonly Fact[]): readonly Fact[] {
  const conversations = new Map<string, Fact>();
  const after = messages.map((message) => {
    const id = conversationIdOf(message);
    if (id === undefined) return message;
    conversations.set(id, absorb(conversations.get(id) ?? known.get(id) ?? emptyConversation(id, message), message));
    return message.joined === id ? message : { ...message, joined: id };
  });
  return [...after, ...conversations.values()];
}

const emptyConversation = (id: string, message: Fact): Fact => ({
  id,
  tenantId: message.tenantId,
  ancestorIds: message.ancestorIds,
  livemode: message.livemode,
  version: 0,
  kind: "conversation",
  wabaId: message.wabaId,
  ...(message.phoneNumberId !== undefined && { phoneNumberId: message.phoneNumberId }),
  group: message.group,
  messages: [],
  recipient: message.recipient,
  seen: [],
  failed: false,
  firstAt: message.firstAt,
  entries: [],
  booking: false,
});

function absorb(conversation: Fact, message: Fact): Fact {
  const seen = union(conversation.seen, message.seen);
  if (seen === conversation.seen) return conversation;
  const proof = first(proofOrder, conversation.proof, message.proof);
  const pricing = first(pricingOrder, conversation.pricing, message.pricing);
  const provedReceivedAt = first(instantOrder, conversation.provedReceivedAt, message.provedReceivedAt);
  const pricedReceivedAt = first(instantOrder, conversation.pricedReceivedAt, message.pricedReceivedAt);
  return {
    ...without(conversation, "kept"),
    ...keptOfBoth(conversation, message),
    seen,
    messages: [...new Set([...conversation.messages, ...message.messages])].sort(),
    recipient: first(recipientOrder, conversation.recipient, message.recipient) ?? {},
    failed: conversation.failed || message.failed,
    firstAt: first(instantOrder, conversation.firstAt, message.firstAt) ?? message.firstAt,
    ...(proof && { proof }),
    ...(pricing && { pricing }),
    ...(provedReceivedAt && { provedReceivedAt }),
    ...(pricedReceivedAt && { pricedReceivedAt }),
  };
}

/** When the door received the first and the last webhook about both; absent when that is not known of one of them. */
function keptOfBoth(conversation: Fact, message: Fact): Pick<Fact, "kept"> {
  const begins = conversation.seen.length === 0;
  const [a, b] = [begins ? message.kept : conversation.kept, message.kept];
  if (a === undefined || b === undefined) return {};
  return { kept: { first: a.first < b.first ? a.first : b.first, last: a.last > b.last ? a.last : b.last } };
}

/** Both lists as one; the very first list when the second adds nothing. */
function union(into: readonly Seen[], from: readonly Seen[]): readonly Seen[] {
  const all = new Map(into.map((one) => [one.content, one]));
  let grown = false;
  for (const { content, webhooks } of from) {
    const before = all.get(content)?.webhooks ?? [];
    const added = webhooks.filter((webhook) => !before.includes(webhook));
    if (added.length === 0) continue;
    all.set(content, { content, webhooks: [...before, ...added] });
    grown = true;
  }
  return grown ? [...all.values()] : into;
}
