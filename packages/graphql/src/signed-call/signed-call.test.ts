import { createSecretKey } from "node:crypto";
import { type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { decode, sign } from "jsonwebtoken";
import { visitorClaims } from "../server/visitor.js";
import { CallSecret, signCall, type SignedCall, verifyCall } from "./signed-call.js";

const secret = new CallSecret(Buffer.alloc(32, 7));
const at = new Date("2026-11-30T12:00:00Z");
const later = (seconds: number) => (): Date => new Date(at.getTime() + seconds * 1000);
const body = '{"query":"{ _entities(representations: []) { __typename } }"}';

const signed: SignedCall = {
  claims: {
    actor: { kind: "staff", id: "per_01TESTER000000000000000000" },
    onBehalfOf: { kind: "member", id: "per_01MEMBER000000000000000000" },
    tenantId: "ten_01CASA00000000000000000000" as TenantId,
    ancestorIds: ["ten_01PR0V1DER0000000000000000" as TenantId],
    livemode: true,
    staff: false,
    roles: ["platform_admin"],
  },
  facts: { requestId: "req_1", locale: "pt-BR", deadline: new Date("2026-11-30T12:00:30.000Z") },
};
const header = (): string => signCall(signed, { secret, now: later(0), service: "billing", body });
const parts = { secret, now: later(1), service: "billing" };
const otherCharacters = ["A", "B", "C", "x", "y", "z", "0", "1", "9", "-", "_", "."];
const refusal = expect.objectContaining({ code: "UNAUTHENTICATED", reason: "call_not_signed" }) as Error;

describe("a call signed by the gateway", () => {
  it("arrives at the service as it was, times included", () => {
    expect(verifyCall(header(), Buffer.from(body), parts)).toEqual(signed);
  });

  it("arrives for a visitor, too, who may do nothing but come in", () => {
    const visit: SignedCall = { claims: visitorClaims, facts: { requestId: "req_2", userAgent: "Firefox/140" } };
    const visitorHeader = signCall(visit, { secret, now: later(0), service: "tenant", body });
    expect(verifyCall(visitorHeader, Buffer.from(body), { ...parts, service: "tenant" })).toEqual(visit);
    expect(visitorClaims.permissions).toEqual(["identity:enter"]);
  });

  it.each([
    ["no header", undefined, body, parts],
    ["a header of nonsense", "abc", body, parts],
    ["another body", header(), body.replace("_entities", "_entitles"), parts],
    ["a header that is 31 s old", header(), body, { ...parts, now: later(31) }],
    ["a header that is two minutes old", header(), body, { ...parts, now: later(120) }],
    ["another service's header", header(), body, { ...parts, service: "tenant" }],
    ["another secret", header(), body, { ...parts, secret: new CallSecret(Buffer.alloc(32, 8)) }],
  ])("is refused with %s", (...[, given, sent, verifying]) => {
    expect(() => verifyCall(given, Buffer.from(sent), verifying)).toThrow(refusal);
  });

  it("cannot be made to last longer than 30 s by whoever signs it", () => {
    const { call } = decode(header()) as { call: object };
    const iat = Math.floor(at.getTime() / 1000);
    const long = sign({ call, iat, exp: iat + 3600 }, createSecretKey(Buffer.alloc(32, 7)), {
      algorithm: "HS256",
      issuer: "greentick-gateway",
      audience: "billing",
    });
    expect(() => verifyCall(long, Buffer.from(body), { ...parts, now: later(60) })).toThrow(refusal);
  });

  it("is not accepted unsigned, whatever it says", () => {
    const [, payload = ""] = header().split(".");
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${payload}.`;
    expect(() => verifyCall(none, Buffer.from(body), parts)).toThrow(refusal);
  });

  it("is refused after any change of one character", () => {
    const good = header();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom(...otherCharacters), (place, character) => {
        fc.pre(good[place] !== character);
        // The last character of an HS256 signature holds two spare bits, so another spelling can mean the same bytes.
        fc.pre(place !== good.length - 1);
        const changed = good.slice(0, place) + character + good.slice(place + 1);
        expect(() => verifyCall(changed, Buffer.from(body), parts)).toThrow(refusal);
      }),
    );
  });

  it("needs a secret of 32 bytes", () => {
    expect(() => new CallSecret(Buffer.alloc(31))).toThrow("at least 32 bytes");
  });
});
