import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { wordsOf } from "./caught.js";
import { StoreError } from "./store.js";

/** Makes sure that a folder exists and can be written. @throws StoreError `data_folder_broken` naming folder and cause. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const sentence = `The data folder ${path} cannot be used (${wordsOf(cause)}): make it a writable folder, or choose another one.`;
    throw new StoreError("data_folder_broken", sentence, { cause });
  }
}
