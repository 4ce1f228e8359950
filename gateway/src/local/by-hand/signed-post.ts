import { createHmac } from "node:crypto";

export type Provider = "meta" | "stripe";

/** A body with the signature of its provider. */
export interface SignedPost {
  readonly provider: Provider;
  readonly url: string;
  readonly body: Uint8Array;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whose body it is by its first words: Meta's and Stripe's both say it in `object`. */
export function providerOf(body: Uint8Array): Provider | undefined {
  try {
    const { object } = JSON.parse(Buffer.from(body).toString("utf8")) as { readonly object?: unknown };
    if (object === "event") return "stripe";
    return typeof object === "string" ? "meta" : undefined;
  } catch {
    return undefined;
  }
}

const hmac = (secret: string, bytes: Uint8Array): string => createHmac("sha256", secret).update(bytes).digest("hex");

/**
 * Meta signs the bytes with the app secret (Meta: webhooks, getting started); Stripe signs seconds, a full stop and the bytes with the endpoint's
 * secret, and the receiver takes it for five minutes (Stripe: webhooks, signatures).
 */
export function signed(
  parts: Pick<SignedPost, "provider" | "url" | "body" | "secret"> & { readonly now: Date },
): SignedPost {
  const { provider, url, body, secret, now } = parts;
  const seconds = String(Math.floor(now.getTime() / 1_000));
  const signature: Record<string, string> =
    provider === "meta"
      ? { "x-hub-signature-256": `sha256=${hmac(secret, body)}` }
      : { "stripe-signature": `t=${seconds},v1=${hmac(secret, Buffer.concat([Buffer.from(`${seconds}.`), body]))}` };
  return { provider, url, body, secret, headers: { "content-type": "application/json", ...signature } };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same in one line of a POSIX shell. */
export function commandFor({ provider, url, secret }: SignedPost, file: string): string {
  const [path, key] = [quoted(file), quoted(secret)];
  const post = `curl -i ${quoted(url)} -H 'content-type: application/json' --data-binary @${path}`;
  const sign = `openssl dgst -sha256 -hmac ${key} -r`;
  if (provider === "meta") return `${post} -H "x-hub-signature-256: sha256=$(${sign} ${path} | cut -c1-64)"`;
  return `t=$(date +%s); ${post} -H "stripe-signature: t=$t,v1=$( (printf '%s.' "$t"; cat ${path}) | ${sign} | cut -c1-64)"`;
}
