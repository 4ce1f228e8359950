import { busContract } from "@greentick/testing";

describe("the embedded bus", () => {
  busContract("mongo");
});
