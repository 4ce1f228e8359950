/** Whom a caller without a name is taken for: an IPv4 address as it is; of IPv6 the first 64 bits, since a household owns all the rest. */
export function sourceOf(ip: string | undefined): string {
  const address = (ip ?? "unknown").replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const missing = address.includes("::") ? Math.max(0, 8 - groups.length - after.length) : 0;
  const full = [...groups, ...Array.from({ length: missing }, () => "0"), ...after];
  return `${full
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
