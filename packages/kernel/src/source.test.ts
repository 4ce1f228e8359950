import { sourceOf } from "./source.js";

it("the source of a request is its IPv4 address, or the half of its IPv6 address that a household shares", () => {
  expect(sourceOf("198.51.100.7")).toBe("198.51.100.7");
  expect(sourceOf("::ffff:198.51.100.7")).toBe("198.51.100.7");
  expect(sourceOf("2001:db8:1:2:aaaa::1")).toBe("2001:db8:1:2::/64");
  expect(sourceOf("2001:0DB8:0001:0002::1")).toBe("2001:db8:1:2::/64");
  expect(sourceOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(sourceOf(undefined)).toBe("unknown");
});
