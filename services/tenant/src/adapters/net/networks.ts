import { badInput } from "@greentick/kernel";
import ipaddr from "ipaddr.js";
import { type Networks } from "../../ports/keys.js";

/** Blocks of addresses in one spelling. An IPv4 block inside IPv6 (`::ffff:192.0.2.0/120`) becomes the IPv4 block it stands for. */
export const networks: Networks = {
  block: (field, text) => {
    const trimmed = text.trim();
    const whole = ipaddr.isValid(trimmed)
      ? `${trimmed}/${ipaddr.parse(trimmed).kind() === "ipv4" ? 32 : 128}`
      : trimmed;
    if (!ipaddr.isValidCIDR(whole) || trimmed.length > 64)
      throw badInput(field, `"${text.slice(0, 64)}" is no block of addresses such as 203.0.113.0/24 or 2001:db8::/32`);
    const [address, bits] = ipaddr.parseCIDR(whole);
    return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96
      ? `${address.toIPv4Address().toString()}/${bits - 96}`
      : `${address.toString()}/${bits}`;
  },
};
