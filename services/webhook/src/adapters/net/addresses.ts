import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

/** All addresses of a name. @throws when it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** As everything on this machine sees it: DNS, and its hosts file. */
export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** Of IPv6 only this block is given out to the public network (IANA). */
const publicV6 = ipaddr.parseCIDR("2000::/3");

/** Not the public network, but this machine's or its owner's: what a developer may call who says so. */
const ownRanges = new Set(["loopback", "private", "uniqueLocal"]);

const inWords: Readonly<Record<string, string>> = {
  loopback: "this machine itself",
  private: "a private network",
  uniqueLocal: "a private network",
  linkLocal: "a link-local network, where cloud machines keep their credentials",
  carrierGradeNat: "a carrier's own network",
  multicast: "a multicast group",
  broadcast: "a broadcast address",
  unspecified: "no machine",
  ipv4Mapped: "an IPv4 address in disguise",
  rfc6052: "an IPv4 address behind a translator",
  rfc6145: "an IPv4 address behind a translator",
  "6to4": "an IPv4 address in a tunnel",
  teredo: "an IPv4 address in a tunnel",
};

/** Why an address must not be called; undefined for one that may. IPv4 inside IPv6 is refused in every form, whatever stands in it. */
export function addressProblem(
  address: string,
  { allowPrivate }: { readonly allowPrivate: boolean },
): string | undefined {
  if (!ipaddr.isValid(address)) return `${address} is no address`;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (allowPrivate && ownRanges.has(range)) return undefined;
  if (range !== "unicast")
    return `${address} leads to ${inWords[range] ?? "a reserved range"}, not to the public network`;
  if (parsed.kind() === "ipv6" && !parsed.match(publicV6)) return `${address} is not given out to the public network`;
  return undefined;
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, "");

/** The same for the host of an address that was typed in: a name is looked up only when it is called. */
export function hostProblem(host: string, rules: { readonly allowPrivate: boolean }): string | undefined {
  const address = unbracketed(host);
  return ipaddr.isValid(address) ? addressProblem(address, rules) : undefined;
}

/** An address that was checked and must be the very one that is called. */
export interface CheckedAddress {
  readonly address: string;
}

/**
 * Looks a host up once and checks every address it has: if one of them may not be called, none is, so that a name cannot lead somewhere else
 * between two looks. @throws AddressRefused, or Error when the name has no address.
 */
export async function checkedAddress(
  host: string,
  { resolve, allowPrivate }: { readonly resolve: Resolve; readonly allowPrivate: boolean },
): Promise<CheckedAddress> {
  const literal = unbracketed(host);
  const addresses = ipaddr.isValid(literal) ? [literal] : await resolve(literal);
  const problem = addresses.map((one) => addressProblem(one, { allowPrivate })).find((one) => one !== undefined);
  if (problem !== undefined) throw new AddressRefused(`${literal} is not called: ${problem}.`);
  const [address] = addresses;
  if (address === undefined) throw new Error(`${literal} has no address`);
  return { address };
}

export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}
