import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";

/** The authenticator's code for a secret, so many steps of thirty seconds from now. */
export const authenticatorCode = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** The link in the newest message to an address, in a folder into which messages are written. @throws Error when there is none. */
export function mailedLink(folder: string, email: string): string {
  const messages = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("=\n", "").replaceAll("=3D", "="))
    .filter((text) => text.includes(`To: ${email}`));
  const link = messages.map((text) => /https?:\/\/\S+#token=[\w.-]+/.exec(text)?.[0]).at(-1);
  if (link === undefined) throw new Error(`no message with a link to ${email}`);
  return link;
}
