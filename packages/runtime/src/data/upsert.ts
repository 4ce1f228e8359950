import { isDuplicateKey } from "./errors.js";

/**
 * An upsert whose filter asks for more than the key ("only when what is there is older"). The store refuses its insert
 * when a row with that key exists: one the filter does not want, or one that another writer put there a moment ago. The
 * second try, without inserting, tells them apart: it changes the row that the filter wants, and leaves any other.
 */
export async function upsertWhere(write: (how: { readonly upsert: boolean }) => Promise<unknown>): Promise<void> {
  try {
    await write({ upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await write({ upsert: false });
  }
}
