import { type Database, type Sealer } from "@greentick/runtime";
import { Binary, type Collection } from "mongodb";

interface KeyRow {
  _id: string;
  schemaVersion: 1;
  sealed: Binary;
}

const proof = { _id: "raw", about: "webhook/key-of-bodies", text: "This opens with the key of the kept bodies." };

/**
 * Proves that the sealer's key is the one under which the bodies are kept, by a value that was sealed before the first of them. From then on a body that
 * does not open is damaged. @throws Error when it is another key: whoever started with it would take every body for damaged.
 */
export async function proveKey({ db }: Pick<Database, "db">, sealer: Sealer): Promise<void> {
  const rows: Collection<KeyRow> = db.collection("rawKey");
  const sealed = new Binary(sealer.seal(proof.about, proof.text));
  await rows.updateOne({ _id: proof._id }, { $setOnInsert: { schemaVersion: 1, sealed } }, { upsert: true });
  const row = await rows.findOne({ _id: proof._id });
  try {
    sealer.open(proof.about, row?.sealed.buffer ?? Buffer.alloc(0));
  } catch (cause) {
    throw new Error(
      "The key with which this deployment starts is not the one under which its webhook bodies are kept: start it with the data keys and master keys that it had.",
      { cause },
    );
  }
}
