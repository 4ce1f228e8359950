import { type Recipes } from "../subject.js";
import { type Making, recipe } from "./making.js";

const door = `query Door { webhookDoor { deadLetters(first: 100) { nodes { id tenantId } } } }`;

/** The door is the provider's alone. */
export function webhookRecipes({ target, sides }: Making): Recipes {
  return {
    redeliverDeadLetter: recipe("above.platform_admin", async (side) => {
      const response = await fetch(target.graphqlUrl, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${target.tokens.platform_admin}` },
        body: JSON.stringify({ query: door }),
      });
      const { data } = (await response.json()) as {
        data: { webhookDoor: { deadLetters: { nodes: { id: string; tenantId: string }[] } } };
      };
      return {
        deadLetterId: data.webhookDoor.deadLetters.nodes.find(({ tenantId }) => tenantId === sides[side].tenantId)?.id,
      };
    }),
  };
}
