import { type Route } from "@greentick/runtime";
import { type JwkSet } from "../../domain/signing-keys.js";

/** `GET /.well-known/jwks.json`: the public keys that verify our access tokens (RFC 7517 §5). Verifiers may cache it for five minutes. */
export const jwksRoute = (keys: () => Promise<JwkSet>): Route => ({
  method: "GET",
  path: "/.well-known/jwks.json",
  maxBytes: 0,
  handle: async (_, res) => {
    const body = JSON.stringify(await keys());
    res.writeHead(200, { "content-type": "application/jwk-set+json", "cache-control": "public, max-age=300" });
    res.end(body);
  },
});
