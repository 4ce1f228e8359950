import { createHmac } from "node:crypto";
import fc from "fast-check";
import { stripeVerifier } from "./verify.js";

const now = new Date("2026-11-15T12:00:00.000Z");
const at = now.getTime() / 1_000;
const body = Buffer.from('{"id":"evt_1","object":"event"}');
const mac = (stamp: number, by = "whsec_one"): string =>
  createHmac("sha256", by).update(`${stamp}.`).update(body).digest("hex");

describe("the signature of an event of Stripe's", () => {
  const idOf = stripeVerifier(["whsec_one", "whsec_two"], () => now);

  it.each([0, 300, -300])("holds for five minutes either way: %d seconds", (seconds) => {
    expect(idOf(body, `t=${at - seconds},v1=${mac(at - seconds)}`)).toBe("evt_1");
    const beyond = at - seconds - Math.sign(seconds);
    expect(idOf(body, `t=${beyond},v1=${mac(beyond)}`)).toBe(seconds === 0 ? "evt_1" : undefined);
  });

  it("holds under any of the secrets, with any of the values", () => {
    expect(idOf(body, `t=${at},v1=${mac(at, "whsec_two")}`)).toBe("evt_1");
    expect(idOf(body, `t=${at},v1=${"0".repeat(64)},v1=${mac(at)},v0=${"1".repeat(64)}`)).toBe("evt_1");
    expect(idOf(body, `t=${at},v1=${mac(at, "whsec_three")}`)).toBeUndefined();
  });

  it("is none in whatever else a stranger writes there, and nothing of it throws", () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(`t=${at}`, "t=", "v1=", "v0=", "=", `v1=${mac(at).slice(1)}`));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        expect(idOf(body, parts.join(","))).toBeUndefined();
      }),
    );
  });
});
