import { createHash } from "node:crypto";
import { type HttpHost, replyError, silentLog, startHttpHost } from "@greentick/runtime";
import { signBody } from "@greentick/meta";
import { type Collection } from "mongodb";
import { bodyOf, casaWaba, deliveries } from "./fixtures/door.js";
import { appSecret, doorWorld } from "./fixtures/door-world.js";

describe("a door that closes while webhooks come in", () => {
  const { world } = doorWorld("drain");
  const raw = () => world.outside.database.db.collection<{ _id: string }>("raw");
  const opened = (): Promise<HttpHost> => {
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    return startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
  };

  it("answers all that were on their way to the disk, and what it acknowledged is kept", async () => {
    const host = await opened();
    const bodies = Array.from({ length: 60 }, (_, n) => bodyOf(casaWaba, deliveries([`wamid.drain.${n}`])));
    const methods = Object.getPrototypeOf(raw()) as Pick<Collection, "insertMany">;
    const real = methods.insertMany;
    let pass = (): void => undefined;
    const reached = new Promise<void>((atDisk) => {
      jest.spyOn(methods, "insertMany").mockImplementationOnce(async function (this: Collection, ...args) {
        atDisk();
        await new Promise<void>((resolve) => {
          pass = resolve;
        });
        return real.apply(this, args);
      });
    });
    const answers = bodies.map(async (body) => {
      const headers = { "x-hub-signature-256": signBody(appSecret, body) };
      const sent = { method: "POST", body: new Uint8Array(body), headers };
      const answer = await fetch(`${host.url}/webhooks/meta`, sent).catch(() => undefined);
      return { body, status: answer?.status };
    });
    await reached;
    const closing = host.close();
    pass();
    const settled = await Promise.all(answers);
    await closing;
    jest.restoreAllMocks();
    const acknowledged = settled.filter(({ status }) => status === 200);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(settled.filter(({ status }) => status !== 200 && status !== undefined)).toEqual([]);
    const keys = acknowledged.map(({ body }) => createHash("sha256").update(body).digest("hex"));
    expect(await raw().countDocuments({ _id: { $in: keys } })).toBe(keys.length);
    await world.settle();
    expect(await raw().countDocuments({ waiting: true })).toBe(0);
  });
});

describe("what is behind the door", () => {
  const seen: string[] = [];
  const { world, post } = doorWorld("manners", (outside) => ({
    ...outside,
    courtesy: {
      waits: () => {
        seen.push("waits");
        return () => {
          seen.push("is answered");
        };
      },
      isQueue: () => false,
      giveWay: (piece) => {
        seen.push("piece");
        return piece();
      },
    },
  }));

  it("hears of each body that waits for the disk, and gives way while it cuts what is kept", async () => {
    await world.settle();
    seen.length = 0;
    const body = bodyOf(casaWaba, deliveries(["wamid.manners"]));
    expect((await post(body)).status).toBe(200);
    await world.settle();
    expect(seen.slice(0, 2)).toEqual(["waits", "is answered"]);
    expect(new Set(seen.slice(2))).toEqual(new Set(["piece"]));
  });
});
