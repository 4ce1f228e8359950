import { type IncomingMessage, type ServerResponse } from "node:http";
import { blocks } from "./blocks.js";
import { type BodiesInHand } from "./in-hand.js";
import { replyError } from "./reply.js";

/** What is read and thrown away after a refusal, so that a sender which is still sending gets to read the answer. */
const lingering = { bytes: 16_000_000, ms: 5_000 };

/** A body as it came; held until it is released. */
export interface BodyInHand {
  readonly bytes: Buffer;
  readonly release: () => void;
}

export interface BodyBounds {
  /** Of this body. */
  readonly maxBytes: number;
  /** Of all that are held at a time. */
  readonly inHand: BodiesInHand;
}

/**
 * The body, or undefined after a refusal was answered: 413 for one that is larger than the path takes, 503 with Retry-After while all bodies together
 * are more than the server holds. Both at once when the length is announced, else when the limit is passed. @throws Error when the sender breaks off.
 */
export function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  { maxBytes, inHand }: BodyBounds,
): Promise<BodyInHand | undefined> {
  const announced = Number(req.headers["content-length"] ?? 0);
  if (announced > maxBytes)
    return refused(() => {
      tooLarge(req, res, maxBytes);
    });
  if (!inHand.hasRoomFor(announced))
    return refused(() => {
      tooMuch(req, res);
    });
  return new Promise((resolve, reject) => {
    const came = blocks();
    let size = 0;
    const stop = (): void => {
      req.off("data", take).off("end", finish).off("error", fail).off("close", brokenOff);
    };
    const letGo = (): void => {
      stop();
      inHand.release(size);
      came.clear();
    };
    const take = (chunk: Buffer): void => {
      const fits = size + chunk.length <= maxBytes;
      if (fits && inHand.take(chunk.length)) {
        came.add(chunk);
        size += chunk.length;
        return;
      }
      letGo();
      if (fits) tooMuch(req, res);
      else tooLarge(req, res, maxBytes);
      resolve(undefined);
    };
    const finish = (): void => {
      stop();
      resolve({
        bytes: came.joined(),
        release: () => {
          inHand.release(size);
        },
      });
    };
    const fail = (error: Error): void => {
      letGo();
      reject(error);
    };
    const brokenOff = (): void => {
      fail(new Error("the sender broke off before the body was complete"));
    };
    req.on("data", take).on("end", finish).on("error", fail).on("close", brokenOff);
  });
}

const refused = (answer: () => void): Promise<undefined> => {
  answer();
  return Promise.resolve(undefined);
};

function tooLarge(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
  replyError(res, 413, "PAYLOAD_TOO_LARGE", `The body is larger than ${maxBytes} bytes.`);
  linger(req);
}

function tooMuch(req: IncomingMessage, res: ServerResponse): void {
  const message = "More is being sent at once than can be held. Send it again in a second.";
  replyError(res, 503, "RATE_LIMITED", message, { "retry-after": "1" });
  linger(req);
}

/** Reads on and throws away, for a while. */
export function linger(req: IncomingMessage): void {
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
