import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { standardSignature } from "./sign.js";

/** The example of the specification (standard-webhooks, "Signature scheme"), which every one of its libraries is tested with. */
const vector = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

describe("signatures", () => {
  it("are those of the specification's own vector", () => {
    expect(standardSignature([vector.secret], vector)).toBe(vector.signature);
  });

  it("are taken by the published library with the current and with the former secret, and with no other", () => {
    const [current, former, other] = [1, 2, 3].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`);
    const at = new Date();
    const body = '{"type":"template.advanced","data":{"name":"ñandú 🟢"}}';
    const headers = {
      "webhook-id": "evt_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": standardSignature([current ?? "", former ?? ""], { id: "evt_1", at, body }),
    };
    for (const secret of [current, former])
      expect(new Webhook(secret ?? "").verify(body, headers)).toMatchObject({ type: "template.advanced" });
    const verify =
      (secret: string | undefined, text = body, more = {}) =>
      () =>
        new Webhook(secret ?? "").verify(text, { ...headers, ...more });
    expect(verify(other)).toThrow(WebhookVerificationError);
    expect(verify(current, body.replace("ñ", "n"))).toThrow(WebhookVerificationError);
    expect(verify(current, body, { "webhook-id": "evt_2" })).toThrow(WebhookVerificationError);
    expect(verify(current, body, { "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 1) })).toThrow(
      WebhookVerificationError,
    );
  });
});
