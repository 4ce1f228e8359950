import { busContract, turnsContract } from "@greentick/testing";

describe("the embedded bus", () => {
  busContract("mongo");
  turnsContract("mongo");
});
