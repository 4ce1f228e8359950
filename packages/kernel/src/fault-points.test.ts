import { faultPoint, faultPoints, onFaultPoint } from "./fault-points.js";

describe("a fault point", () => {
  afterEach(() => {
    onFaultPoint(undefined);
  });

  it("does nothing in production, where no handler is installed", () => {
    expect(faultPoint("door.kept")).toBeUndefined();
  });

  it("tells a test build its name, and lets it stop or delay what follows", async () => {
    const reached: string[] = [];
    onFaultPoint(async (name) => {
      reached.push(name);
      await Promise.resolve();
      throw new Error("killed here");
    });
    await expect(faultPoint("meter.sent")).rejects.toThrow("killed here");
    expect(reached).toEqual(["meter.sent"]);
  });

  it("is listed with what is true when it is reached", () => {
    for (const [name, truth] of Object.entries(faultPoints)) {
      expect(name).toMatch(/^[a-z]+\.[a-z-]+$/);
      expect(truth.length).toBeGreaterThan(20);
    }
  });
});
