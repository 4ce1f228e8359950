import { ask } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { type Making, recipe } from "./making.js";

const door = `query Door { webhookDoor { deadLetters(first: 100) { nodes { id tenantId } } } }`;

interface Letter {
  readonly id: string;
  readonly tenantId: string;
}

/** The door is the provider's alone. */
export function webhookRecipes({ target, sides }: Making): Recipes {
  const letterFor =
    (consumer: string) =>
    async (side: SideName): Promise<Readonly<Record<string, unknown>>> => {
      const { webhookDoor } = await ask<{ webhookDoor: { deadLetters: { nodes: readonly Letter[] } } }>(
        target,
        target.tokens.platform_admin,
        door,
      );
      const own = webhookDoor.deadLetters.nodes.filter(({ tenantId }) => tenantId === sides[side].tenantId);
      return { deadLetterId: own.find(({ id }) => id.startsWith(`${consumer}:`))?.id };
    };
  return {
    // One that its consumer handles now, and one whose consumer runs nowhere, which stays.
    redeliverDeadLetter: recipe("above.platform_admin", letterFor("tenant.audit"), letterFor("tenant.retired")),
  };
}
