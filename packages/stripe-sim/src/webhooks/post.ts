import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface PostResult {
  readonly status: number | null;
  readonly error: string | null;
}

export interface Post {
  readonly url: string;
  readonly body: Buffer;
  readonly signature: string;
  readonly timeoutMs: number;
}

/** One delivery attempt over a connection of its own. Never throws: a failed connection or a timeout is a result. */
export function postWebhook({ url, body, signature, timeoutMs }: Post): Promise<PostResult> {
  const target = new URL(url);
  const open = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "content-length": body.length,
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      "stripe-signature": signature,
    };
    const failed = (error: Error): void => {
      resolve({ status: null, error: error.message || error.name });
    };
    const request = open(target, { method: "POST", headers, agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      response.on("end", () => {
        resolve({ status: response.statusCode ?? null, error: null });
      });
      response.on("error", failed);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on("error", failed);
    request.end(body);
  });
}
