import { type AskStanding, standingPath, standingQuestion } from "@greentick/contracts";
import { AppError } from "@greentick/kernel";
import { type Outside, type RefusalAudit } from "@greentick/runtime";
import { askStanding, type StandingPorts } from "../usecases/standing.js";
import { type Room } from "./room.js";

interface StandingParts extends Omit<StandingPorts, "now" | "log" | "overUsed"> {
  readonly refusals: Pick<RefusalAudit, "denied">;
}

/** What a verified credential is worth now: asked directly in one process, and by the gateway over a signed route apart. */
export function standingRoom(
  outside: Outside,
  { refusals, ...ports }: StandingParts,
): Room & { readonly ask: AskStanding } {
  const { clocks, log } = outside;
  const ask = askStanding({ ...ports, overUsed: overUsed(outside, refusals), now: clocks.system, log });
  return {
    ask,
    internal: [{ path: standingPath, answer: (question) => ask(standingQuestion.parse(question)) }],
    stores: [],
  };
}

/** A revoked or expired key in use stands in its tenant's trail, bounded like everything that a caller may not do. */
const overUsed =
  ({ calls }: Outside, { denied }: StandingParts["refusals"]): StandingPorts["overUsed"] =>
  ({ id, tenantId, ancestorIds, livemode }, why) => {
    const call = calls.system("tenant", { tenantId, ancestorIds, livemode });
    const refusal = new AppError("UNAUTHENTICATED", why, "The API key is not good any more.", { apiKeyId: id });
    return denied({ ...call, actor: { kind: "api_key", id }, keyId: id }, { field: "useApiKey", refusal });
  };
