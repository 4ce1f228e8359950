import { createHmac, timingSafeEqual } from "node:crypto";
import { fdatasync, openSync, rmSync, write } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnchorAnswer } from "../anchors.js";

/**
 * What a webhook costs at least, in a process of its own. `raw`: bare node:http that reads the JSON and answers with some. `group`: the signature over the
 * bytes, JSON, and one flush of a file shared by all who wait, before the 200. No store, no service. Arguments: kind and app secret.
 */
const [, , kind, secret = ""] = process.argv;
const path = join(tmpdir(), `greentick-anchor-${process.pid}`);
const wraps = 512 * 2 ** 20;

const answer = (res: ServerResponse, status: number, text = ""): void => {
  res.writeHead(status, { "content-length": Buffer.byteLength(text) }).end(text);
};

function withBody(then: (body: Buffer, res: ServerResponse, signature: string) => void): RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      then(Buffer.concat(chunks), res, String(req.headers["x-hub-signature-256"]));
    });
  };
}

const raw = withBody((body, res) => {
  const { object } = JSON.parse(body.toString("utf8")) as { object: string };
  answer(res, 200, JSON.stringify({ object }));
});

function group(): RequestListener {
  const file = openSync(path, "w");
  let waiting: { readonly body: Buffer; readonly res: ServerResponse }[] = [];
  let busy = false;
  let place = 0;
  const flush = (): void => {
    if (busy || waiting.length === 0) return;
    busy = true;
    const together = waiting;
    waiting = [];
    const bytes = Buffer.concat(together.map(({ body }) => body));
    const at = place;
    place = place + bytes.length > wraps ? 0 : place + bytes.length;
    write(file, bytes, 0, bytes.length, at, (failed) => {
      fdatasync(file, (unsynced) => {
        for (const { res } of together) answer(res, failed === null && unsynced === null ? 200 : 503);
        busy = false;
        flush();
      });
    });
  };
  return withBody((body, res, signature) => {
    const wanted = createHmac("sha256", secret).update(body).digest();
    const given = Buffer.from(signature.slice("sha256=".length), "hex");
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      answer(res, 401);
      return;
    }
    JSON.parse(body.toString("utf8"));
    waiting.push({ body, res });
    flush();
  });
}

const server = createServer(kind === "raw" ? raw : group());
const say = (told: AnchorAnswer): void => {
  process.send?.(told);
};
server.listen(0, "127.0.0.1", () => {
  say({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  say({ cpuMs: (user + system) / 1_000 });
});
process.on("disconnect", () => {
  rmSync(path, { force: true });
  process.exit(0);
});
