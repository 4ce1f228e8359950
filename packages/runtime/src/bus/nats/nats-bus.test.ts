import { busContract } from "@greentick/testing";

describe("the bus on NATS JetStream", () => {
  busContract("nats");
});
