import { type AskStanding, standingPath, standingQuestion } from "@greentick/contracts";
import { type Outside } from "@greentick/runtime";
import { askStanding, type StandingPorts } from "../usecases/standing.js";
import { type Room } from "./room.js";

/** What a verified credential is worth now: asked directly in one process, and by the gateway over a signed route apart. */
export function standingRoom(
  { clocks, log }: Outside,
  ports: Omit<StandingPorts, "now" | "log">,
): Room & { readonly ask: AskStanding } {
  const ask = askStanding({ ...ports, now: clocks.system, log });
  return {
    ask,
    internal: [{ path: standingPath, answer: (question) => ask(standingQuestion.parse(question)) }],
    stores: [],
  };
}
