import { type TenantId } from "@greentick/kernel";
import { type KeptBody } from "../domain/kept-body.js";
import { refOf, seenRefs } from "../domain/update-ref.js";
import { type Owner, personName, type ReadUpdate, type SplitBody } from "../ports.js";

/** What is remembered of a body: whose updates it holds, whom they name, and what they can be found by. */
export interface Noting {
  readonly add: (update: ReadUpdate, owner: Owner | undefined) => void;
  readonly noted: () => Pick<SplitBody, "people" | "tenants" | "refs">;
}

export function noting(body: KeptBody): Noting {
  const request = refOf("request", body.requestId);
  const people = new Set<string>();
  const tenants = new Set<TenantId>();
  const refs = new Set([request]);
  return {
    add: (update, owner) => {
      for (const ref of seenRefs(owner, [...update.refs, request])) refs.add(ref);
      if (owner === undefined) return;
      tenants.add(owner.tenantId);
      for (const key of update.people) people.add(personName(owner.tenantId, key));
    },
    noted: () => ({ people: [...people], tenants: [...tenants], refs: [...refs] }),
  };
}
