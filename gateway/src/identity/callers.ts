import { type AskStanding } from "@greentick/contracts";
import { type EndpointParts, failureBudget, type RateLimits } from "@greentick/graphql";
import { type Clock, type Log } from "@greentick/kernel";
import { addressBehind } from "./address.js";
import { failures } from "./failures.js";
import { identifier, type IdentifyParts } from "./identify.js";
import { type KeySet, keyRing } from "./key-ring.js";
import { standings } from "./standings.js";
import { tokenVerifier } from "./verify-token.js";

export interface CallerParts extends Pick<IdentifyParts, "calls" | "contextOf"> {
  /** Published keys of access tokens. */
  readonly keys: () => Promise<KeySet>;
  /** What a verified token or key is worth now. */
  readonly standing: AskStanding;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Default: the table's. */
  readonly limits?: RateLimits | undefined;
  readonly now: Clock;
  readonly log: Log;
}

/** Everything between a request and its Call, wired once for both deployments. */
export function identifyCallers(parts: CallerParts): EndpointParts["identify"] {
  const { keys, now, log, limits, trustedProxies, ...rest } = parts;
  return identifier({
    ...rest,
    verify: tokenVerifier(keyRing({ load: keys, now, log }), now),
    standing: standings({ ask: parts.standing, now, log }),
    failures: failures(failureBudget({ now, ...(limits && { rule: limits.failures }) })),
    addressOf: addressBehind(trustedProxies),
    now,
    log,
  });
}
