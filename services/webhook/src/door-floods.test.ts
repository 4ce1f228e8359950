import { once } from "node:events";
import { connect } from "node:net";
import { signBody } from "@greentick/meta";
import { bodyOf, casaWaba, deliveries } from "./fixtures/door.js";
import { appSecret, doorWorld } from "./fixtures/door-world.js";

const body = (n: number | string): Buffer => bodyOf(casaWaba, deliveries([`wamid.flood.${n}`]));

describe("a door that is flooded", () => {
  const door = doorWorld("floods");
  const { world, post } = door;
  const raw = () => world.outside.database.db.collection("raw");

  /** Writes to a socket and reads all that comes back until the door closes it. */
  async function talk(text: string | Buffer): Promise<string> {
    const { hostname, port } = new URL(door.host().url);
    const socket = connect(Number(port), hostname);
    let said = "";
    socket.on("data", (chunk) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.write(text);
    await once(socket, "close");
    return said;
  }
  const request = (bytes: Buffer, more = ""): Buffer =>
    Buffer.concat([
      Buffer.from(
        `POST /webhooks/meta HTTP/1.1\r\nhost: door\r\ncontent-length: ${bytes.length}\r\nx-hub-signature-256: ${signBody(appSecret, bytes)}\r\n${more}\r\n`,
      ),
      bytes,
    ]);
  const statuses = (said: string): readonly string[] => said.match(/(?<=HTTP\/1\.1 )\d{3}/g) ?? [];

  it("with forged signatures keeps none of them, tells of them in a count, and takes every honest one between them", async () => {
    const before = await raw().countDocuments();
    const forged = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
    const sender = async (from: number): Promise<readonly number[]> => {
      const answers: number[] = [];
      for (let n = from; n < from + 50; n++) {
        const answer = await (n % 10 === 0 ? post(body(n)) : post(body(n), forged));
        await answer.arrayBuffer();
        answers.push(answer.status);
      }
      return answers;
    };
    const answers = (await Promise.all([0, 50, 100, 150, 200, 250].map(sender))).flat();
    expect(answers.filter((status) => status === 200)).toHaveLength(30);
    expect(answers.filter((status) => status === 401)).toHaveLength(270);
    expect(await raw().countDocuments()).toBe(before + 30);
    expect(await world.outside.metrics.text()).toContain(
      'greentick_webhooks_refused_total{provider="meta",why="signature wrong"} 270',
    );
  });

  it("with requests that do not wait for their answers gives each its own, and keeps them all", async () => {
    const before = await raw().countDocuments();
    const some = Array.from({ length: 40 }, (_, n) =>
      request(body(`pipe ${n}`), n === 39 ? "connection: close\r\n" : ""),
    );
    expect(statuses(await talk(Buffer.concat(some)))).toEqual(some.map(() => "200"));
    expect(await raw().countDocuments()).toBe(before + 40);
  });

  it("with headers of 64 KB refuses them", async () => {
    expect(statuses(await talk(request(body("headers"), `x-large: ${"x".repeat(64_000)}\r\n`)))).toEqual(["431"]);
  });

  it("with an announced body of 100 MB refuses it before it comes", async () => {
    const head = "POST /webhooks/meta HTTP/1.1\r\nhost: door\r\ncontent-length: 100000000\r\n\r\n";
    expect(statuses(await talk(head))).toEqual(["413"]);
  });

  it("with a length and chunks at once, as smuggled requests have them, takes neither", async () => {
    const before = await raw().countDocuments();
    const smuggled = request(body("smuggled"), "transfer-encoding: chunked\r\n");
    expect(statuses(await talk(smuggled))).toEqual(["400"]);
    expect(await raw().countDocuments()).toBe(before);
  });

  it("is as open as before afterwards", async () => {
    expect((await post(body("afterwards"))).status).toBe(200);
    await world.settle();
    expect(await raw().countDocuments({ waiting: true })).toBe(0);
  });
});
