import { type IncomingMessage, type ServerResponse } from "node:http";
import { replyError } from "./reply.js";

/** What is read and thrown away after a 413, so that a sender which is still sending gets to read the answer. */
const lingering = { bytes: 16_000_000, ms: 5_000 };

/**
 * The body, or undefined after the answer 413 was given: at once when the length is announced, else when the limit is passed.
 * @throws Error when the sender breaks off.
 */
export function readBody(req: IncomingMessage, res: ServerResponse, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) {
    refuse(req, res, maxBytes);
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      req.off("data", take).off("end", finish).off("error", reject).off("close", brokenOff);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) return;
      stop();
      refuse(req, res, maxBytes);
      resolve(undefined);
    };
    const finish = (): void => {
      stop();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    };
    const brokenOff = (): void => {
      reject(new Error("the sender broke off before the body was complete"));
    };
    req.on("data", take).on("end", finish).on("error", reject).on("close", brokenOff);
  });
}

function refuse(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
  replyError(res, 413, "PAYLOAD_TOO_LARGE", `The body is larger than ${maxBytes} bytes.`);
  let left = lingering.bytes;
  const giveUp = setTimeout(() => {
    req.destroy();
  }, lingering.ms);
  req.on("error", () => undefined);
  req.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.destroy();
  });
  req.once("close", () => {
    clearTimeout(giveUp);
  });
}
