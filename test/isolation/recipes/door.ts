import { ask } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { type Making, plainly, recipe } from "./making.js";

const replay = `mutation Replay($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) { task { id } } }`;
const dawn = "2020-01-01T00:00:00Z";

/** The door's long work is the provider's alone. */
export function doorRecipes({ target, sides, mongo, databasePrefix }: Making): Recipes {
  const raw = mongo.db(`${databasePrefix}webhook`).collection<{ _id: string }>("raw");
  const look = (side: SideName): Readonly<Record<string, unknown>> => ({
    mode: "INERT",
    from: dawn,
    tenantId: sides[side].tenantId,
    reason: "A look at what would be different",
  });
  const lookAtOne = async (side: SideName): Promise<Readonly<Record<string, unknown>>> => {
    const own = { tenants: sides[side].tenantId, body: { $exists: true } };
    const body = await raw.findOne(own, { projection: { _id: 1 } });
    return { ...look(side), ids: [`${body?._id ?? "none"}:0`] };
  };
  /** A task that stands where it can only fail, so that it runs until somebody stops it. */
  const running = async (side: SideName): Promise<string> => {
    const { replayWebhooks } = await ask<{ replayWebhooks: { task: { id: string } } }>(
      target,
      target.tokens.platform_admin,
      replay,
      { input: look(side) },
    );
    const tasks = mongo.db(`${databasePrefix}webhook`).collection<{ _id: string }>("door_tasks");
    const { id } = replayWebhooks.task;
    // Its own work must be over, or it would save over what is planted here.
    await target.settle();
    await tasks.updateOne({ _id: id }, { $set: { "state.status": "running", "state.cursor": "no place in the log" } });
    return id;
  };
  return {
    replayWebhooks: recipe("above.platform_admin", lookAtOne),
    redeliverDeadLetters: plainly("above.platform_admin", (side) => ({
      ids: [`tenant.audit:of-${side}`],
      reason: "The cause is gone",
    })),
    stopDoorTask: recipe("above.platform_admin", async (side) => ({ taskId: await running(side) })),
  };
}
