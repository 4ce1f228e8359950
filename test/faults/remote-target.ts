import { type Target } from "@greentick/gateway";
import { type Ready } from "./platform-process.js";

async function post(url: string, body: unknown = {}): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${await response.text()}`);
}

/** A platform in another process as a story sees it, its clock moved through the control. */
export function targetOf({
  controlUrl,
  graphqlUrl,
  metaUrl,
  stripeUrl,
  tokens,
}: Pick<Ready, "controlUrl" | "graphqlUrl" | "metaUrl" | "stripeUrl" | "tokens">): Target {
  const settle = (): Promise<void> => post(`${controlUrl}/settle`);
  return {
    graphqlUrl,
    metaUrl,
    stripeUrl,
    tokens,
    settle,
    moveClock: async (to, moveMeta) => {
      await post(`${controlUrl}/clock`, { now: to === "system" ? to : to.toISOString() });
      if (moveMeta === undefined || to === "system") return;
      await moveMeta(to);
      await settle();
    },
  };
}
