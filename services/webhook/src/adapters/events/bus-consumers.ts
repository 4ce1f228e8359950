import { type Bus, lagByConsumer } from "@greentick/runtime";
import { type ConsumerBehind } from "../../ports/tasks.js";

/** Every consumer that the bus knows, whoever runs it, by name. */
export const busConsumers = async (bus: Pick<Bus, "lag">): Promise<readonly ConsumerBehind[]> =>
  [...lagByConsumer(await bus.lag())]
    .map(([consumer, { behind, running }]) => ({ consumer, behind, running }))
    .toSorted((one, other) => one.consumer.localeCompare(other.consumer));
