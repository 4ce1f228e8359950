import { visitorMutations } from "../server/visitor.js";
import { type Handler } from "./handlers.js";

const isEntrance = ({ type, field }: Handler): boolean => type === "Mutation" && visitorMutations.has(field);

/**
 * The table of what visitors may ask and the declared permissions say the same, so that no door opens by a slip in one of them.
 * @throws Error naming each field that is in one place only.
 */
export function checkVisitorFields(handlers: readonly Handler[]): void {
  const differing = handlers.filter((handler) => (handler.permission === "identity:enter") !== isEntrance(handler));
  if (differing.length > 0)
    throw new Error(
      `These fields are open to visitors in one place only, in @Requires("identity:enter") or in the table visitorMutations: ${differing
        .map(({ type, field }) => `${type}.${field}`)
        .join(", ")}`,
    );
}
