import { outgoingWorld } from "./fixtures/outgoing-world.js";
import { type Receiver, receiver } from "./fixtures/receiver.js";

const again = `mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { delivery { id } } }`;
const range = `mutation ($input: RedeliverWebhooksInput!) { redeliverWebhooks(input: $input) { endpointId } }`;
const move = (verb: string): string =>
  `mutation ($input: WebhookEndpointInput!) { ${verb}(input: $input) { endpoint { id } } }`;
const hourMs = 3_600_000;

describe("what somebody asked for a second time, after the process died in the middle of the first", () => {
  const { world, owner, ask, endpoint, about, later } = outgoingWorld();
  let there: Receiver;
  beforeEach(async () => {
    there = await receiver();
  });
  afterEach(() => there.close());
  const rows = (name: string) => world.outside.database.db.collection<{ _id: string; endpointId: string }>(name);

  it("lets go out what waits for an endpoint that was enabled", async () => {
    const { id } = await endpoint(owner(), { url: there.url, kinds: ["template.*"] });
    there.answer = () => ({ status: 500 });
    await world.given(about(owner(), "tpl_1", "approved"));
    await ask(owner(), move("disableWebhookEndpoint"), { input: { endpointId: id } });
    await later(hourMs);
    expect(there.got).toHaveLength(1);
    there.answer = () => ({ status: 200 });
    const enabled = { $set: { "state.status": "enabled" }, $unset: { "state.disabled": 1 as const } };
    await rows("endpoints").updateOne({ _id: id }, enabled);
    await ask(owner(), move("enableWebhookEndpoint"), { input: { endpointId: id } });
    await world.settle();
    expect(there.got).toHaveLength(2);
  });

  it.each(["one", "FINISHED", "FAILED", "MISSED"])("sends deliveries that were only just opened: %s", async (which) => {
    const { id } = await endpoint(owner(), { url: there.url, kinds: ["template.*"], ordered: true });
    await world.given(about(owner(), "tpl_1", "approved"));
    const opened = { $set: { status: "waiting", open: true, tries: 0 }, $unset: { finishedAt: 1 as const } };
    const own = await rows("deliveries").findOneAndUpdate({ endpointId: id }, opened);
    const [event] = there.ids();
    const [from, before] = [-hourMs, hourMs].map((ms) => new Date(Date.now() + ms).toISOString());
    if (which === "one") await ask(owner(), again, { input: { deliveryId: own?._id } });
    else await ask(owner(), range, { input: { endpointId: id, from, before, which } });
    await world.settle();
    expect(there.ids().filter((one) => one === event)).toHaveLength(2);
  });
});
