import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseWebhook } from "./webhook.js";
import { priceRecipient } from "./status-update.js";
import { type WebhookUpdate } from "./webhook-types.js";

const folder = join(__dirname, "../../../test/webhook-samples");
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "expected.json");

const updatesOf = (bytes: Uint8Array): readonly WebhookUpdate[] => {
  const parsed = parseWebhook(bytes);
  if ("unreadable" in parsed) throw new Error(parsed.unreadable);
  return parsed.updates;
};
const sample = (file: string): readonly WebhookUpdate[] => updatesOf(readFileSync(join(folder, file)));
const only = (file: string): WebhookUpdate => {
  const [first, ...rest] = sample(file);
  if (first === undefined || rest.length > 0) throw new Error(`${file} should hold one update`);
  return first;
};
const ofText = (text: string): readonly WebhookUpdate[] => updatesOf(Buffer.from(text));
const envelope = (value: string, field = "messages"): string =>
  `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"${field}","value":${value}}]}]}`;

describe("reading one body of every kind that Meta sends", () => {
  it.each(files)("knows the kind of %s", (file) => {
    for (const update of sample(file)) expect(update.kind).not.toBe("unknown");
  });

  it.each(files.filter((file) => !file.startsWith("smb") && !file.startsWith("history")))(
    "knows the instant of every dated update of %s",
    (file) => {
      const text = readFileSync(join(folder, file), "utf8");
      for (const update of sample(file)) expect(update.occurredAt === undefined).toBe(!/"time(stamp)?":/.test(text));
    },
  );

  it("states for every sample what it must cost", () => {
    const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, unknown>;
    expect(Object.keys(expected).sort()).toEqual([...files].sort());
  });

  it("takes pricing from whichever status carries it, and misses none", () => {
    expect(only("status-sent-v23.json").status?.pricing?.category.known).toBe("MARKETING");
    expect(only("status-sent-v24-no-pricing.json").status).not.toHaveProperty("pricing");
    expect(only("status-cbp-utility.json").status?.pricing).toMatchObject({ model: { known: "CBP" } });
    expect(only("status-cbp-utility.json").status).toMatchObject({ conversationOrigin: "utility" });
  });

  it("reads of the sender's own text only a reservation's id, wherever it stands", () => {
    const id = "rsv_01M6NS91G01D702H5XP05J5NKK";
    const named = (text: string): string | undefined => {
      const status = { id: "wamid.1", status: "sent", timestamp: "1", biz_opaque_callback_data: text };
      return ofText(envelope(JSON.stringify({ statuses: [status] })))[0]?.status?.reservationId;
    };
    expect([id, `cmp:8;${id};x`, `{"r":"${id}"}`].map(named)).toEqual([id, id, id]);
    expect(["", "cmp:8841", `x${id}`, `${id}0`, id.toLowerCase(), "rsv_short"].map(named)).toEqual(
      Array(6).fill(undefined),
    );
  });

  it("reads a hyphenated category and keeps Meta's spelling", () => {
    expect(only("status-delivered-auth-international.json").status?.pricing?.category).toEqual({
      known: "AUTHENTICATION_INTERNATIONAL",
      raw: "authentication-international",
    });
  });

  it("keeps a price on the event as the digits that Meta wrote", () => {
    expect(only("status-delivered-marketing-lite-max-price.json").status?.pricing?.cost).toEqual({
      amount: "0.0284",
      currency: "USD",
    });
    const value = `{"statuses":[{"id":"wamid.x","status":"delivered","timestamp":"1","pricing":{"pricing_model":"PMP","category":"marketing_lite","cost":{"amount":0.02840,"currency":"USD"}}}]}`;
    expect(ofText(envelope(value))[0]?.status?.pricing?.cost?.amount).toBe("0.02840");
  });

  it("keeps every digit of a template id above 2^53, and reads a null reason as none", () => {
    const { template } = only("template-status-pending-deletion.json");
    expect(template?.id).toBe("90071992547409931");
    expect(template).not.toHaveProperty("reason");
    expect(template?.event).toEqual({ known: "PENDING_DELETION", raw: "PENDING_DELETION" });
  });

  it("prices a message of a user without a number by the country of the user id", () => {
    const { message } = only("messages-bsuid-no-phone.json");
    expect(message).toMatchObject({ fromUserId: "MX.71620394851726305918" });
    expect(message).not.toHaveProperty("from");
    const status = {
      messageId: "wamid.x",
      status: { known: "SENT", raw: "sent" },
      at: new Date(0),
      group: false,
    } as const;
    expect(priceRecipient({ ...status, errorCodes: [], recipientUserId: "MX.716" })).toEqual({ country: "MX" });
  });

  it("prices a group message by its participant", () => {
    const { status } = only("status-group-service.json");
    expect(status).toMatchObject({ group: true, participantId: "573005550123" });
    expect(status && priceRecipient(status)).toEqual({ dialPrefix: "573005" });
  });

  it("finds the account of a partner event although the entry names our portfolio", () => {
    expect(only("account-partner-added.json")).toMatchObject({ wabaId: "318274650192837", entryId: "410925736184205" });
    expect(only("account-partner-app-installed.json").wabaId).toBe("318274650192837");
    expect(only("account-plbv-status.json")).not.toHaveProperty("wabaId");
    expect(only("partner-solutions.json")).not.toHaveProperty("wabaId");
  });

  it("reads an announced change of category: the new category is the present one", () => {
    expect(only("template-category-impending.json").template).toMatchObject({
      category: { known: "UTILITY" },
      correctCategory: { known: "MARKETING" },
      effectiveAt: new Date(1_793_721_600_000),
    });
    expect(only("template-category-done.json").template).toMatchObject({
      previousCategory: { known: "UTILITY" },
      category: { known: "MARKETING" },
    });
  });

  it("says why a template was refused, in words and as a code", () => {
    expect(only("template-status-rejected.json").template).toMatchObject({
      event: { known: "REJECTED" },
      reason: "INVALID_FORMAT",
    });
    expect(only("template-status-rejected.json").template?.explanation).toMatch(/parameters/);
  });

  it("reads the decision about a name and about a badge", () => {
    expect(only("phone-name.json").number).toMatchObject({ decision: { known: "APPROVED" }, detail: "Casa Lumen" });
    expect(only("account-alert-oba.json").account).toEqual({
      event: { known: "OBA_REJECTED", raw: "OBA_REJECTED" },
      entityType: "PHONE_NUMBER",
      entityId: "219384756102938",
    });
  });

  it("splits a body of two accounts in the order written", () => {
    const updates = sample("messages-batch.json");
    expect(updates.map((update) => [update.index, update.wabaId, update.kind, update.status?.status.known])).toEqual([
      [0, "318274650192837", "message_status", "DELIVERED"],
      [1, "318274650192837", "message_status", "READ"],
      [2, "318274650192837", "message_status", "DELIVERED"],
      [3, "318274650192837", "message_status", "DELIVERED"],
      [4, "427163905281746", "message", undefined],
      [5, "427163905281746", "message_status", "SENT"],
    ]);
    expect(updates[4]?.phoneNumberId).toBe("530918273645102");
  });

  it("names the error codes of a failed message", () => {
    expect(only("status-failed-131049.json").status).toMatchObject({
      status: { known: "FAILED" },
      errorCodes: ["131049"],
    });
  });
});

describe("reading bodies that are not as documented", () => {
  it("finds the field beside the changes, as in an example of Meta's", () => {
    const [update] = ofText(
      `{"entry":[{"id":"41","time":5,"field":"account_update","changes":[{"value":{"event":"PARTNER_APP_INSTALLED","waba_info":{"waba_id":"7"}}}]}]}`,
    );
    expect(update).toMatchObject({
      kind: "account_update",
      wabaId: "7",
      account: { event: { known: "PARTNER_APP_INSTALLED" } },
    });
  });

  it("recognises a quality update that names the status field", () => {
    const value = `{"previous_quality_score":"GREEN","new_quality_score":"RED","message_template_id":12}`;
    expect(ofText(envelope(value, "message_template_status_update"))[0]).toMatchObject({
      kind: "template_quality",
      template: { id: "12", newQuality: "RED" },
    });
  });

  const account = (value: string, field: string) => ofText(envelope(value, field))[0];

  it.each([
    [
      "with its keys in the value, as the older form has them",
      `{"entity_type":"BUSINESS","entity_id":123,"alert_type":"OBA_APPROVED","alert_severity":"INFORMATIONAL"}`,
    ],
    [
      "with its keys in alert_info",
      `{"entity_type":"BUSINESS","entity_id":"123","alert_info":{"alert_type":"OBA_APPROVED","alert_status":"ACTIVE"}}`,
    ],
  ])("reads an alert %s", (_what, value) => {
    expect(account(value, "account_alerts")?.account).toMatchObject({
      ...{ event: { known: "OBA_APPROVED" }, entityType: "BUSINESS", entityId: "123" },
    });
  });

  it.each(['"TIER_2K"', "2000", "-1", '"TIER_UNLIMITED"'])("reads a business's capability of %s", (limit) => {
    const value = `{"max_daily_conversations_per_business":${limit},"max_phone_numbers_per_waba":25}`;
    expect(account(value, "business_capability_update")).toMatchObject({ kind: "business_capability", account: {} });
  });

  it.each([
    [
      "the limit that went in 2026",
      `{"display_phone_number":"57300","event":"UPGRADE","old_limit":"TIER_1K","current_limit":"TIER_10K"}`,
      "TIER_10K",
    ],
    [
      "the limit of the business, as a word",
      `{"display_phone_number":"57300","event":"THROUGHPUT_UPGRADE","max_daily_conversations_per_business":"TIER_2K"}`,
      "TIER_2K",
    ],
    [
      "the limit of the business, as a number",
      `{"display_phone_number":"57300","event":"THROUGHPUT_UPGRADE","max_daily_conversations_per_business":2000}`,
      "2000",
    ],
  ])("reads a number's quality with %s", (_what, value, detail) => {
    expect(account(value, "phone_number_quality_update")?.number).toMatchObject({
      detail,
      displayPhoneNumber: "57300",
    });
  });

  it.each([
    [
      "with a conversation for each message, up to v23",
      `"conversation":{"id":"c1","expiration_timestamp":"1791000000","origin":{"type":"authentication_international"}},`,
      "c1",
    ],
    ["without a conversation, from v24", "", undefined],
    ["with a conversation that is null", `"conversation":null,`, undefined],
  ])("reads a status %s", (_what, conversation, id) => {
    const value = `{"statuses":[{"id":"wamid.x","status":"sent","timestamp":"1791000000",${conversation}"pricing":{"pricing_model":"PMP","category":"authentication-international","type":"regular"}}]}`;
    const status = ofText(envelope(value))[0]?.status;
    expect(status?.conversationId).toBe(id);
    expect(status?.pricing).not.toHaveProperty("billable");
    expect(status?.pricing).toMatchObject({
      type: { known: "REGULAR" },
      category: { known: "AUTHENTICATION_INTERNATIONAL" },
    });
  });

  it.each(["PIN_RESET_SUCCESS", "PIN_REQUEST_SUCCESS"])(
    "reads the success of a new PIN as %s, however Meta spells it",
    (event) => {
      const number = account(`{"display_phone_number":"57300","event":"${event}","requester":"1"}`, "security")?.number;
      expect(number?.decision?.raw).toBe(event);
    },
  );

  it("keeps a status word it does not know", () => {
    const value = `{"statuses":[{"id":"wamid.x","status":"warmed","timestamp":"1"}]}`;
    expect(ofText(envelope(value))[0]?.status?.status).toEqual({ known: "UNKNOWN", raw: "warmed" });
  });

  it.each([
    ["a status without a time", envelope(`{"statuses":[{"id":"wamid.x","status":"sent"}]}`)],
    ["a field it does not know", envelope(`{"anything":1}`, "calls")],
    ["an entry without changes", `{"entry":[{"id":"1"}]}`],
    ["a body without entries", `{}`],
    ["a body that is a list", `[1]`],
    ["a change without a value", `{"entry":[{"id":"1","changes":[{"field":"messages"}]}]}`],
    ["a field named like a method of every object", envelope(`{}`, "constructor")],
  ])("keeps %s as unknown", (_what, text) => {
    expect(ofText(text)).toMatchObject([{ index: 0, kind: "unknown" }]);
  });

  it("takes the last of a repeated key, whether or not the body holds large numbers", () => {
    const value = (id: string): string =>
      `{"statuses":[{"id":"a","id":"b","status":"sent","timestamp":"1","n":${id}}]}`;
    for (const id of ["1", "90071992547409931"]) expect(ofText(envelope(value(id)))[0]?.status?.messageId).toBe("b");
  });

  it("does not let a body reach the prototype of objects", () => {
    ofText(`{"__proto__":{"polluted":1},"x":90071992547409931,"entry":[]}`);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.each([
    ["text", "hello", "not JSON"],
    ["nothing", "", "not JSON"],
    ["half a body", `{"entry":[`, "not JSON"],
    ["a body nested too deeply", "[".repeat(100) + "]".repeat(100), "nested deeper than 64"],
    ["a body that is too large", `"${"x".repeat(3_000_001)}"`, "larger than 3000000 bytes"],
  ])("answers %s with the reason why it is unreadable", (_what, text, reason) => {
    expect(parseWebhook(Buffer.from(text))).toEqual({ unreadable: reason });
  });

  it("answers bytes that are no text as unreadable", () => {
    expect(parseWebhook(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ unreadable: "not UTF-8" });
  });

  it("never throws and never changes an integer, whatever JSON it reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.bigInt({ min: 0n }), (value, digits) => {
        const text = `{"any":${JSON.stringify(value)},"entry":[{"id":"1","changes":[{"field":"x","value":{"n":${digits}}}]}]}`;
        const [update] = ofText(text);
        const raw = update?.raw as { n: string | number };
        expect(String(raw.n)).toBe(String(digits));
      }),
    );
  });

  it("never throws on any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof parseWebhook(bytes) === "object"));
  });
});
