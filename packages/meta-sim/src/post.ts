import { Agent, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { signatureOf } from "./body.js";

/** Posts one body and answers what came back: the HTTP status, or the error's code when nothing did. Never throws. */
export interface Poster {
  readonly post: (url: string, body: Buffer, signature: string) => Promise<string>;
  readonly close: () => void;
}

export function poster(concurrency: number): Poster {
  const plain = new Agent({ keepAlive: true, maxSockets: concurrency });
  const secure = new SecureAgent({ keepAlive: true, maxSockets: concurrency });
  const post: Poster["post"] = async (url, body, signature) =>
    new Promise((resolve) => {
      const isSecure = url.startsWith("https:");
      const options = {
        method: "POST",
        agent: isSecure ? secure : plain,
        timeout: 30_000,
        headers: {
          "content-type": "application/json",
          "content-length": body.length,
          "user-agent": "facebookexternalua",
          "x-hub-signature-256": signature,
        },
      };
      const sent = (isSecure ? secureRequest : request)(url, options, (response) => {
        response.resume();
        response.once("end", () => {
          resolve(String(response.statusCode ?? 0));
        });
        response.once("error", () => {
          resolve("broken answer");
        });
      });
      sent.once("timeout", () => sent.destroy(new Error("timeout")));
      sent.once("error", (error) => {
        resolve("code" in error ? String(error.code) : error.message);
      });
      sent.end(body);
    });
  return {
    post,
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** Signs text over its exact bytes and posts it. */
export async function postSigned(
  via: Poster,
  to: { readonly url: string; readonly secret: string },
  body: string,
): Promise<string> {
  const bytes = Buffer.from(body, "utf8");
  return via.post(to.url, bytes, signatureOf(to.secret, bytes));
}
