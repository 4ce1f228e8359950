import { systemScope } from "@greentick/kernel";
import { anchorOf, type ChainHead, dayOf } from "../domain/trail.js";
import { type AnchorStore, type ChainReader, type SignStatement } from "../ports/audit.js";

interface Ports {
  readonly chains: Pick<ChainReader, "heads">;
  readonly anchors: AnchorStore;
  readonly sign: SignStatement;
  /** System time. */
  readonly now: () => Date;
  /** Told of each new one, so that it is also kept where the database's owner cannot reach it. */
  readonly told: (facts: {
    readonly tenantId: string;
    readonly sequence: number;
    readonly day: string;
    readonly jws: string;
  }) => void;
}

const scope = systemScope("audit-anchors");

/**
 * Signs where each chain stands, once a UTC day, and where a chain that has no anchor yet stands at every run; one that has not grown since its last
 * anchor needs no other. Returns how many it signed. Safe to repeat, and in several processes at once.
 */
export function anchorTrails({ chains, anchors, sign, now, told }: Ports): () => Promise<number> {
  let done: string | undefined;
  const anchor = async (head: ChainHead): Promise<boolean> => {
    if ((await anchors.newestOf(scope, head.tenantId)) === head.sequence) return false;
    const signed = anchorOf(head, now());
    const jws = await sign(signed);
    await anchors.add(scope, signed, jws);
    told({ tenantId: signed.tenantId, sequence: signed.sequence, day: signed.day, jws });
    return true;
  };
  return async () => {
    const day = dayOf(now());
    const known = done === day ? await anchors.tenants(scope) : new Set<string>();
    let count = 0;
    for await (const head of chains.heads(scope)) if (!known.has(head.tenantId) && (await anchor(head))) count += 1;
    done = day;
    return count;
  };
}
