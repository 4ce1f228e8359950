import { allow, type Call, tenantScope } from "@greentick/kernel";
import { type Consent, type ConsentPurpose, type ConsentStep, type Identity, latestOf } from "../domain/consent.js";
import { type ConsentFilter, type Seal } from "../ports/consent.js";
import { type Page, type PageRequest } from "../ports.js";
import { type ConsentPorts } from "./record-consent.js";

export interface ShownStep extends Omit<ConsentStep, "proof"> {
  readonly proofText?: string;
  readonly proofUrl?: string;
}

export type ConsentQuery = Omit<ConsentFilter, "identityKeys"> & { readonly identity?: Identity };

/** Newest first. @throws BAD_USER_INPUT for an identity that is none. */
export const listConsents =
  ({ consents, identities }: ConsentPorts) =>
  (call: Call, page: PageRequest, { identity, ...filter }: ConsentQuery): Promise<Page<Consent>> => {
    allow(call, "consent:read");
    const keys = identity && identities.read(identity).keys;
    return consents.list(tenantScope(call), page, { ...filter, ...(keys && { identityKeys: keys }) });
  };

/** What counts for a contact and a purpose now: the latest word under any of its names; undefined when it never said anything. */
export const consentOf =
  ({ consents, identities }: ConsentPorts) =>
  async (call: Call, identity: Identity, purpose: ConsentPurpose): Promise<Consent | undefined> => {
    allow(call, "consent:read");
    return latestOf(await consents.findByKeys(tenantScope(call), identities.read(identity).keys, purpose));
  };

/** The steps with their evidence, first to last. */
export const readHistory =
  ({ seal }: Pick<ConsentPorts, "seal">) =>
  async (call: Call, consent: Consent): Promise<readonly ShownStep[]> => {
    allow(call, "consent:read");
    return shownSteps(seal, consent);
  };

export const shownSteps = (seal: Seal, { id, tenantId, history }: Consent): Promise<readonly ShownStep[]> =>
  Promise.all(
    history.map(async ({ proof, ...step }) => {
      if (proof === undefined) return step;
      const opened = await seal.open({ tenantId, record: id, field: "proof" }, proof);
      return { ...step, ...(JSON.parse(Buffer.from(opened).toString("utf8")) as Pick<ShownStep, "proofText">) };
    }),
  );
