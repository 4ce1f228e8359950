import { badInput } from "@greentick/kernel";

export interface UrlRules {
  /** A live business's messages go over TLS to public addresses, whatever the deployment allows. */
  readonly livemode: boolean;
  /** Plain http, any port, and addresses of this machine or network: development and sandboxes only. */
  readonly allowPrivate: boolean;
  /** Why an address written in digits must not be called; undefined for a name, or for one that may. */
  readonly addressProblem: (host: string, rules: { readonly allowPrivate: boolean }) => string | undefined;
}

const longest = 2_000;
const ports = ["", "443", "8443"];
/** Names that never lead to the public network. */
const local = /(?:^|\.)(?:localhost|local|internal|intranet|home\.arpa|lan)\.?$/i;

/** The address as it will be called. @throws BAD_USER_INPUT/invalid_input naming `url` and what is wrong with it. */
export function checkedUrl(text: string, rules: UrlRules): string {
  const url = parsed(text);
  if (url.username !== "" || url.password !== "")
    throw badInput("url", "must hold no user and password: messages are signed, verify the signature instead");
  if (url.hash !== "") throw badInput("url", "must have no fragment (#…): it is never sent");
  const relaxed = rules.allowPrivate && !rules.livemode;
  if (url.protocol !== "https:" && !(relaxed && url.protocol === "http:"))
    throw badInput("url", "must begin with https://");
  if (!relaxed) checkPublic(url);
  const problem = rules.addressProblem(url.hostname, { allowPrivate: relaxed });
  if (problem !== undefined) throw badInput("url", problem);
  return url.href;
}

function parsed(text: string): URL {
  const trimmed = text.trim();
  if (trimmed.length > longest) throw badInput("url", `must have at most ${longest} characters`);
  const url = read(trimmed);
  if (url === undefined || url.hostname === "")
    throw badInput("url", "must be an address such as https://example.com/hooks");
  return url;
}

const read = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

function checkPublic({ port, hostname }: URL): void {
  if (!ports.includes(port)) throw badInput("url", `port ${port} is not called; use 443 or 8443`);
  if (local.test(hostname)) throw badInput("url", `${hostname} is a name of a private network`);
}

/** What of an address may be told: its path and query can hold a secret. */
export const hostOf = (url: string): string => read(url)?.host ?? "";
