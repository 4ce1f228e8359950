import { type RefusalAudit } from "@greentick/runtime";
import { ActAsResolver } from "../adapters/graphql/act-as.resolver.js";
import { type GrantStore, type PersonStore, type TenantStore } from "../ports.js";
import { actFor } from "../usecases/act-for.js";
import { listGrants } from "../usecases/read-tenants.js";
import { revokeActAs } from "../usecases/revoke-act-as.js";
import { type SignToken } from "../usecases/sign-in.js";
import { type Room } from "./room.js";

export interface ActingParts {
  readonly tenants: TenantStore;
  readonly people: PersonStore;
  readonly grants: GrantStore & { readonly ensureIndexes: () => Promise<void> };
  readonly refusals: RefusalAudit;
  readonly sign: SignToken;
}

/** Staff who act for a client for a while. */
export function actingRoom({ tenants, people, grants, refusals: { refusing }, sign }: ActingParts): Room {
  const resolver = new ActAsResolver({
    listGrants: refusing("listGrants", listGrants({ tenants, grants })),
    actFor: refusing("actFor", actFor({ tenants, people, grants, sign })),
    revokeActAs: refusing("revokeActAsGrant", revokeActAs({ grants })),
  });
  return { resolvers: [resolver], stores: [grants], collections: ["act_as_grants"] };
}
