import { at, delivered, factOf } from "../fixtures/deciding.js";
import { sighting } from "../fixtures/folding.js";
import { type Fact, type Sighting } from "./fact.js";
import { conversationIds, foldConversations, foldMessages, isPricedByConversation, messageIds } from "./fold.js";
import { without } from "./without.js";

const byConversation = { pricing: { model: "CBP", category: "utility" }, conversationKey: "c1" } as const;
const part = (messageKey: string, more: Partial<Sighting> = {}): Fact =>
  factOf(sighting("delivered", at, { ...byConversation, messageKey, ...more }));
const c1 = "ten_1/conversation/c1/-";
const nothing: ReadonlyMap<string, Fact> = new Map();
const known = (...facts: readonly Fact[]): ReadonlyMap<string, Fact> => new Map(facts.map((fact) => [fact.id, fact]));
const conversationOf = (messages: readonly Fact[], before = nothing): Fact => {
  const found = foldConversations(before, messages).find(({ kind }) => kind === "conversation");
  if (found === undefined) throw new Error("no conversation");
  return found;
};

describe("messages from statuses", () => {
  const [one, two] = [delivered("utility"), delivered("utility", { messageKey: "m2" })];
  it("are named once each", () => {
    expect(messageIds([one, two, one])).toEqual(["ten_1/message/m1/-", "ten_1/message/m2/-"]);
  });
  it("take in all their statuses, on top of what was known", () => {
    const read = sighting("read", at);
    const after = foldMessages(known(factOf(one)), [read, two, sighting("sent", at)]);
    expect(after.map(({ id, seen }) => [id, seen.length])).toEqual([
      ["ten_1/message/m1/-", 3],
      ["ten_1/message/m2/-", 1],
    ]);
  });
});

describe("the conversation of a message", () => {
  it("is one that a status named and by which some status priced it", () => {
    const told = [
      part("m1"),
      part("m2"),
      factOf(delivered("utility", { conversationKey: "c2" })),
      factOf(sighting("sent", at, { conversationKey: "c3" })),
      factOf(sighting("sent", at, { pricing: byConversation.pricing })),
    ];
    expect(conversationIds(told)).toEqual([c1]);
    expect(told.map(isPricedByConversation)).toEqual([true, true, false, false, true]);
  });
  it("stays, once it is known, whatever is learnt of the price", () => {
    const message: Fact = { ...factOf(delivered("utility")), joined: c1 };
    expect(conversationIds([message])).toEqual([c1]);
    expect(foldConversations(nothing, [message])[0]).toBe(message);
  });
  it("begins as the message that was first, with nothing decided, and the message is joined to it", () => {
    const message = part("m1", { phoneNumberId: "p1", keptAt: new Date(5) });
    expect(foldConversations(nothing, [message])).toEqual([
      { ...message, joined: c1 },
      { ...without(message, "conversationKey"), id: c1, kind: "conversation" },
    ]);
    expect(conversationOf([part("m1")])).not.toHaveProperty("phoneNumberId");
    expect(conversationOf([part("m1")])).not.toHaveProperty("kept");
  });
  it("takes in each message, in whatever order: the first proof, price and receipt, and every name", () => {
    const early = part("m2", {
      at: new Date(1_000),
      receivedAt: new Date(2_000),
      keptAt: new Date(3_000),
      recipient: {},
    });
    const late = part("m1", { at: new Date(4_000), receivedAt: new Date(5_000), keptAt: new Date(6_000) });
    const bad = part("m3", { status: "failed", at: new Date(7_000), keptAt: new Date(7_000), receivedAt: new Date(8_000) }); // prettier-ignore
    for (const order of [
      [early, late, bad],
      [bad, late, early],
      [late, bad, early],
    ])
      // prettier-ignore
      expect(conversationOf(order)).toMatchObject({
        ...{ messages: ["m1", "m2", "m3"], failed: true, firstAt: new Date(1_000), recipient: { dialPrefix: "551195" } },
        proof: { at: new Date(1_000) },
        pricing: { at: new Date(1_000) },
        ...{ provedReceivedAt: new Date(2_000), pricedReceivedAt: new Date(2_000) },
        kept: { first: new Date(3_000), last: new Date(7_000) },
      });
    expect(conversationOf([early, late]).failed).toBe(false);
  });
  it("goes on from what was known of it, and keeps what is booked", () => {
    const before: Fact = { ...conversationOf([part("m1")]), version: 4, booking: true };
    const after = conversationOf([part("m2")], known(before));
    expect([after.version, after.booking, after.messages, after.seen.length]).toEqual([4, true, ["m1", "m2"], 2]);
  });
  it("is the very same when a message says nothing new, and one more webhook when it says it again", () => {
    const message = part("m1");
    const before = conversationOf([message]);
    expect(conversationOf([message], known(before))).toBe(before);
    const again: Fact = {
      ...message,
      seen: message.seen.map((one) => ({ ...one, webhooks: ["again:0", ...one.webhooks] })),
    };
    const first = message.seen[0];
    expect(conversationOf([again], known(before)).seen).toEqual([
      { content: first?.content, webhooks: [...(first?.webhooks ?? []), "again:0"] },
    ]);
  });
  it("does not claim when it was received where that is not known of every message", () => {
    const [dated, undated] = [part("m1", { keptAt: new Date(1) }), part("m2")];
    for (const order of [[dated, undated], [undated, dated]]) expect("kept" in conversationOf(order)).toBe(false); // prettier-ignore
  });
  it("has no proof, price or receipt that none of its messages has", () => {
    const sent = factOf(sighting("sent", at, { ...byConversation }));
    expect(conversationOf([sent])).not.toHaveProperty("proof");
    expect(conversationOf([sent])).not.toHaveProperty("provedReceivedAt");
    const mute = without(part("m1"), "pricing", "pricedReceivedAt");
    const left = conversationOf([{ ...mute, joined: c1 }]);
    expect(["pricing" in left, "pricedReceivedAt" in left, "proof" in left]).toEqual([false, false, true]);
  });
  it("leaves messages alone that are priced by themselves", () => {
    const message = factOf(delivered("utility"));
    expect(foldConversations(nothing, [message])).toEqual([message]);
  });
});
