import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The token in the newest message to an address. @throws Error when nobody wrote to it. */
export function mailedToken(folder: string, email: string): string {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const newest = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const file of newest) {
    const text = readFileSync(file, "utf8").replaceAll("=\n", "").replaceAll("=3D", "=");
    const token = /#token=([\w.-]+)/.exec(text)?.[1];
    if (text.includes(`To: ${email}`) && token !== undefined) return token;
  }
  throw new Error(`Nobody has mailed a link to ${email}.`);
}
