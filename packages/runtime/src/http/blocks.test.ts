import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { blocks } from "./blocks.js";
import { readBody } from "./body.js";
import { bodiesInHand } from "./in-hand.js";

describe("a body that comes in pieces", () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ minLength: 4_000, maxLength: 4_200 }));

  it("is the same bytes in the same order, whatever the pieces", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const some = blocks();
        for (const one of pieces) some.add(Buffer.from(one));
        expect(some.joined().equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("takes memory by its bytes and not by its pieces, so that nobody can take more than is counted", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const count = 300_000;
    let left = count;
    let allHere: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      allHere = resolve;
    });
    const inHand = bodiesInHand(64_000_000);
    const counting = {
      ...inHand,
      take: (bytes: number): boolean => {
        left -= bytes;
        if (left === 0) setImmediate(allHere);
        return inHand.take(bytes);
      },
    };
    const server = createServer((req, res) => {
      void readBody(req, res, { maxBytes: 3_000_000, inHand: counting }).catch(() => undefined);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const before = held();
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < count; sent += 10_000) socket.write("1\r\nA\r\n".repeat(10_000));
    await arrived;
    expect(held() - before).toBeLessThan(20_000_000);
    socket.destroy();
    await once(server.close(), "close");
  });
});
