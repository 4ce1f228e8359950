import { type AskStanding, standing, standingPath } from "@greentick/contracts";
import { askInternally, type CallSecret } from "@greentick/graphql";
import { type Clock } from "@greentick/kernel";

export interface TenantServiceElsewhere {
  /** Where it listens, without a path. */
  readonly url: string;
  readonly secret: CallSecret;
  readonly now: Clock;
}

/** Less than a caller waits for the answer, so that a broken connection is seen as such. */
const timeoutMs = 4_000;

/** Standing, asked of a tenant service in another process, with the gateway's signature. */
export const standingOver =
  (to: TenantServiceElsewhere): AskStanding =>
  async (question) =>
    standing.parse(await askInternally(question, { ...to, service: "tenant", path: standingPath, timeoutMs }));
