import { eachAlone } from "./each-alone.js";

describe("work for many clients", () => {
  const work = (item: number): Promise<number> =>
    item < 0 ? Promise.reject(new Error(`client ${item}`)) : Promise.resolve(item);

  it("adds up what was done", async () => {
    expect(await eachAlone([1, 2, 3], work)).toBe(6);
  });

  it("reaches every client although others fail, and throws a lone failure as it is", async () => {
    const reached: number[] = [];
    const noting = (item: number): Promise<number> => {
      reached.push(item);
      return work(item);
    };
    await expect(eachAlone([-1, 2, 3], noting)).rejects.toThrow("client -1");
    expect(reached).toEqual([-1, 2, 3]);
  });

  it("throws several failures together, so that the log has all of them", async () => {
    const thrown: unknown = await eachAlone([-1, 2, -3], work).catch((error: unknown) => error);
    expect((thrown as AggregateError).errors).toEqual([new Error("client -1"), new Error("client -3")]);
  });
});
