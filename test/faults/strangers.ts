import { connect, type Socket } from "node:net";
import { signBody } from "@greentick/meta";
import { type Body } from "./traffic.js";

/** What `fetch` throws when a connection breaks; by name, since it may come from another realm. */
const isBroken = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";

/** What was answered; undefined when the connection broke. */
export const post = async (url: string, body: Buffer, signature: string): Promise<number | undefined> => {
  try {
    const response = await fetch(`${url}/webhooks/meta`, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "x-hub-signature-256": signature, "content-type": "application/json" },
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    if (isBroken(error)) return undefined;
    throw error;
  }
};

/** A body of somebody who does not know the secret: signed with another one, or with a signature that belongs to another body. */
export async function forge(url: string, { bytes }: Body): Promise<Buffer> {
  const forged = Buffer.from(bytes.toString("utf8").replace("wamid.", "wamid.forged."));
  const signatures = [signBody("a-guess", forged), signBody("a-guess", bytes), "sha256=00", ""];
  await Promise.all(signatures.map((signature) => post(url, forged, signature)));
  return forged;
}

const open = (url: string, text: string): Socket => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined); // the platform may die under it
  socket.write(text);
  return socket;
};

const head = (length: number, signature: string): string =>
  `POST /webhooks/meta HTTP/1.1\r\nhost: door\r\nx-hub-signature-256: ${signature}\r\ncontent-length: ${length}\r\n\r\n`;

/** Signed rightly, but the connection ends in the middle of it. */
export function cutOff(url: string, { bytes }: Body, appSecret: string): void {
  const socket = open(url, head(bytes.length, signBody(appSecret, bytes)));
  socket.end(bytes.subarray(0, Math.floor(bytes.length / 2)));
}

/** Connections that begin a request and never end it. Call what is returned to give up. */
export function halfOpen(url: string, count: number): () => void {
  const sockets = Array.from({ length: count }, (_, at) =>
    open(url, at % 2 === 0 ? "POST /webhooks/meta HTTP/1.1\r\nhost: door\r\nx-a: b" : `${head(1_000, "sha256=00")}abc`),
  );
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

/** Connections that send their request a few bytes at a time. Call what is returned to give up. */
export function slowLoris(url: string, count: number): () => void {
  const sockets = Array.from({ length: count }, () => open(url, "POST /webhooks/meta HTTP/1.1\r\nhost: door\r\n"));
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("x-a: b\r\n");
  }, 20);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}
