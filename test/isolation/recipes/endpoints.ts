import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, recipe } from "./making.js";

const create = `mutation Endpoint($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } } }`;
const test = `mutation Test($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { delivery { id } } }`;

/** Nothing listens there: what is sent is refused at once, and in a world whose clock stands still it is not tried again. */
const nowhere = "http://127.0.0.1:9";

/** Where a side wants to be told of what happens. */
export function endpointRecipes(making: Making): Recipes {
  const { sides } = making;
  const as = asking(making);
  const newEndpoint = (side: SideName): Readonly<Record<string, unknown>> => ({
    url: `${nowhere}/${sides[side].canary}/${counted(side, "endpoint")}`,
    description: `${sides[side].canary} hooks`,
    kinds: ["template.*"],
    idempotencyKey: `endpoint:${counted(side, "endpoint-key")}`,
  });
  /** One for all of a side's attempts: a business has twenty at most. */
  const own: Partial<Record<SideName, Promise<string>>> = {};
  const made = async (side: SideName): Promise<string> => {
    const { createWebhookEndpoint } = await as<{ createWebhookEndpoint: { endpoint: { id: string } } }>(
      side,
      "owner",
      create,
      {
        input: newEndpoint(side),
      },
    );
    return createWebhookEndpoint.endpoint.id;
  };
  const endpointId = (side: SideName): Promise<string> => (own[side] ??= made(side));
  const deliveryId = async (side: SideName): Promise<string> => {
    const input = { endpointId: await endpointId(side), kind: "template.advanced" };
    const { sendTestWebhook } = await as<{ sendTestWebhook: { delivery: { id: string } } }>(side, "owner", test, {
      input,
    });
    return sendTestWebhook.delivery.id;
  };
  const enabledFirst = async (side: SideName): Promise<string> => {
    const id = await endpointId(side);
    await as(
      side,
      "owner",
      `mutation On($input: WebhookEndpointInput!) { enableWebhookEndpoint(input: $input) { endpoint { id } } }`,
      {
        input: { endpointId: id },
      },
    );
    return id;
  };
  return {
    createWebhookEndpoint: recipe("owner", async (side) => {
      await dropOldest(as, side, await endpointId(side));
      return newEndpoint(side);
    }),
    updateWebhookEndpoint: recipe("owner", async (side) => ({
      endpointId: await endpointId(side),
      description: `${sides[side].canary} hooks ${counted(side, "endpoint-text")}`,
    })),
    enableWebhookEndpoint: recipe("owner", async (side) => ({ endpointId: await endpointId(side) })),
    disableWebhookEndpoint: recipe("owner", async (side) => ({ endpointId: await enabledFirst(side) })),
    deleteWebhookEndpoint: recipe("owner", async (side) => ({ endpointId: await made(side) })),
    rotateWebhookSecret: recipe("owner", async (side) => ({ endpointId: await endpointId(side), overlapMinutes: 60 })),
    sendTestWebhook: recipe("owner", async (side) => ({
      endpointId: await enabledFirst(side),
      kind: "template.advanced",
    })),
    redeliverWebhook: recipe("owner", async (side) => {
      await enabledFirst(side);
      return { deliveryId: await deliveryId(side) };
    }),
    redeliverWebhooks: recipe("owner", async (side) => ({
      endpointId: await enabledFirst(side),
      from: "2020-01-01T00:00:00.000Z",
      before: "2100-01-01T00:00:00.000Z",
      which: "FINISHED",
    })),
  };
}

const list = `query Endpoints { webhookEndpoints(first: 100) { nodes { id } } }`;
const remove = `mutation Remove($input: WebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { endpointId } }`;

/** Leaves room for one more. */
async function dropOldest(as: ReturnType<typeof asking>, side: SideName, kept: string): Promise<void> {
  const { webhookEndpoints } = await as<{ webhookEndpoints: { nodes: { id: string }[] } }>(side, "owner", list);
  const others = webhookEndpoints.nodes.filter(({ id }) => id !== kept).slice(10);
  for (const { id } of others) await as(side, "owner", remove, { input: { endpointId: id } });
}

/**
 * For the world: endpoints of the side with deliveries in their logs, one of which refuses and one takes them, so that every field of both has a value
 * at both sides.
 */
export async function openEndpoints(
  making: Pick<Making, "target" | "sides">,
  side: SideName,
  taking: string,
): Promise<void> {
  const as = asking(making);
  const { canary } = making.sides[side];
  for (const at of [nowhere, taking]) {
    const input = {
      url: `${at}/${canary}`,
      description: `${canary} hooks`,
      kinds: ["*"],
      idempotencyKey: `world ${at}`,
    };
    const { createWebhookEndpoint } = await as<{ createWebhookEndpoint: { endpoint: { id: string } } }>(
      side,
      "owner",
      create,
      { input },
    );
    const { id } = createWebhookEndpoint.endpoint;
    await as(side, "owner", test, { input: { endpointId: id, kind: "template.advanced" } });
    await as(side, "owner", rotate, { input: { endpointId: id } });
  }
}
const rotate = `mutation Rotate($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { endpoint { id } } }`;
