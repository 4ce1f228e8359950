import { refusals } from "./errors.js";

/** The key of `Bearer <key>` or of HTTP basic auth, where it is the user name. */
function keyIn(header: string): string | undefined {
  const [scheme = "", value = ""] = header.split(" ");
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  return Buffer.from(value, "base64").toString("utf8").split(":")[0];
}

/** @throws 401 in Stripe's shape when the key is absent or not this simulator's */
export function authorize(header: string | undefined, apiKey: string): void {
  const key = header === undefined ? undefined : keyIn(header);
  if (key === undefined || key === "") throw refusals.noKey();
  if (key !== apiKey) throw refusals.wrongKey(key);
}
