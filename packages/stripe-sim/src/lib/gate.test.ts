import { createGate } from "./gate.js";

function held(): { promise: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

describe("the request gate", () => {
  it("runs shared work together and exclusive work alone, in order of arrival", async () => {
    const gate = createGate();
    const seen: string[] = [];
    const first = held();
    const readers = [
      gate.shared(async () => {
        seen.push("reader 1 starts");
        await first.promise;
        seen.push("reader 1 ends");
      }),
      gate.shared(() => Promise.resolve(seen.push("reader 2"))),
    ];
    const writer = gate.exclusive(() => Promise.resolve(seen.push("writer")));
    const late = gate.shared(() => Promise.resolve(seen.push("reader 3")));
    await readers[1];
    first.release();
    await Promise.all([...readers, writer, late]);
    expect(seen).toEqual(["reader 1 starts", "reader 2", "reader 1 ends", "writer", "reader 3"]);
  });

  it("goes on after work that failed", async () => {
    const gate = createGate();
    await expect(gate.exclusive(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    await expect(gate.shared(() => Promise.resolve("next"))).resolves.toBe("next");
  });
});
