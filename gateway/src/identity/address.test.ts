import { type IncomingMessage } from "node:http";
import fc from "fast-check";
import { addressBehind, isAllowed } from "./address.js";

const request = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;

describe("where a request comes from", () => {
  it("is the peer when no proxy is trusted, whatever it claims", () => {
    const addressOf = addressBehind([]);
    expect(addressOf(request("203.0.113.9"))).toBe("203.0.113.9");
    expect(addressOf(request("203.0.113.9", "10.0.0.1"))).toBe("203.0.113.9");
    expect(addressOf(request(undefined, "10.0.0.1"))).toBeUndefined();
  });

  it("is what a trusted proxy says, and no further than trusted ones wrote", () => {
    const addressOf = addressBehind(["10.0.0.0/8", "::1"]);
    expect(addressOf(request("10.1.2.3", "203.0.113.9"))).toBe("203.0.113.9");
    expect(addressOf(request("10.1.2.3", "198.51.100.1, 203.0.113.9, 10.9.9.9"))).toBe("203.0.113.9");
    expect(addressOf(request("::1", "2001:db8::7"))).toBe("2001:db8::7");
  });

  it("is not what an untrusted peer forged", () => {
    const addressOf = addressBehind(["10.0.0.0/8"]);
    expect(addressOf(request("203.0.113.9", "10.0.0.1, 192.0.2.1"))).toBe("203.0.113.9");
  });

  it("is written as IPv4 when IPv6 wraps it, and is the proxy's when that passes on nonsense", () => {
    const addressOf = addressBehind(["10.0.0.0/8"]);
    expect(addressOf(request("::ffff:203.0.113.9"))).toBe("203.0.113.9");
    expect(addressOf(request("::ffff:10.1.2.3", "::ffff:203.0.113.9"))).toBe("203.0.113.9");
    expect(addressOf(request("10.1.2.3", "unknown"))).toBe("10.1.2.3");
    fc.assert(
      fc.property(fc.string(), (forwarded) => {
        expect(typeof addressOf(request("10.1.2.3", forwarded))).toBe("string");
      }),
    );
  });

  it("needs trusted proxies that are addresses", () => {
    expect(() => addressBehind(["example.com"])).toThrow(TypeError);
  });
});

describe("an allow-list of addresses", () => {
  it.each([
    ["203.0.113.9", [], true],
    ["203.0.113.9", ["203.0.113.0/24"], true],
    ["203.0.114.9", ["203.0.113.0/24", "198.51.100.0/24"], false],
    ["::ffff:203.0.113.9", ["203.0.113.9/32"], true],
    ["2001:db8::7", ["2001:db8::/32"], true],
    ["2001:db9::7", ["2001:db8::/32"], false],
    ["203.0.113.9", ["2001:db8::/32"], false],
    ["2001:db8::7", ["0.0.0.0/0"], false],
    ["203.0.113.9", ["::/0"], false],
    [undefined, ["0.0.0.0/0"], false],
    [undefined, [], true],
    ["nonsense", ["0.0.0.0/0"], false],
  ])("of %s in %j: %s", (address, blocks, allowed) => {
    expect(isAllowed(address, blocks)).toBe(allowed);
  });
});
