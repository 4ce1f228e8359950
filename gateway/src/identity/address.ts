import { type IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import proxyaddr from "proxy-addr";

export type AddressOf = (req: IncomingMessage) => string | undefined;

/**
 * Where a request really comes from: the nearest address that is not one of our own proxies. `X-Forwarded-For` is read only as far as trusted
 * proxies wrote it, so a caller cannot choose its own address. An IPv4 address inside IPv6 is written as IPv4.
 * @throws TypeError for a trusted proxy that is neither an address, a CIDR block, nor `loopback`, `linklocal` or `uniquelocal`.
 */
export function addressBehind(trustedProxies: readonly string[]): AddressOf {
  const trust = proxyaddr.compile([...trustedProxies]);
  return (req) => {
    const peer = req.socket.remoteAddress;
    if (peer === undefined) return undefined;
    const address = proxyaddr(req, trust);
    return plain(ipaddr.isValid(address) ? address : peer);
  };
}

const plain = (address: string): string => (ipaddr.isValid(address) ? ipaddr.process(address).toString() : address);

/** True when the address lies in one of the CIDR blocks, or when there are none. An address that is not known lies in none. */
export function isAllowed(address: string | undefined, blocks: readonly string[]): boolean {
  if (blocks.length === 0) return true;
  if (address === undefined || !ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  return blocks.some((text) => {
    const [network, bits] = ipaddr.parseCIDR(text);
    return network.kind() === ip.kind() && ip.match(network, bits);
  });
}
