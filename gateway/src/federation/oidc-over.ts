import { type AskOidc, oidcAnswer, oidcPath } from "@greentick/contracts";
import { askInternally } from "@greentick/graphql";
import { type TenantServiceElsewhere } from "./standing-over.js";

/** The tenant service asks the identity provider meanwhile. */
const timeoutMs = 15_000;

/** The way to an identity provider and back, asked of a tenant service in another process, with the gateway's signature. */
export const oidcOver =
  (to: TenantServiceElsewhere): AskOidc =>
  async (question) =>
    oidcAnswer.parse(await askInternally(question, { ...to, service: "tenant", path: oidcPath, timeoutMs }));
