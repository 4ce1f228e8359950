import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderEntries } from "./data-folder.js";

/** Somebody who is signed in: staff of the provider, or a member of a client. */
export interface SignedIn {
  readonly role: string;
  readonly name: string;
  /** The client's name for its members. */
  readonly client?: string;
  readonly token: string;
}

/** One file per role, so that `$(cat …/tokens/owner)` stands for a token on a command line. Readable by this user only. */
export function keepTokens(dataDir: string, people: readonly SignedIn[]): void {
  const folder = join(dataDir, folderEntries.tokens);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { role, token } of people) writeFileSync(join(folder, role), `${token}\n`, { mode: 0o600 });
}
