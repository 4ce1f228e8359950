import { BSON, type Document } from "mongodb";
import { type EmbeddedEngine } from "./embedded-engine.js";
import { commandMessage } from "./wire.js";

export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  constructor(
    readonly code: number,
    words: string,
  ) {
    super(words);
  }
}

/**
 * Runs a command of ours in the engine, past the front and what it refuses to applications.
 * @throws CommandFailed with the engine's code and words.
 */
export async function ask(engine: EmbeddedEngine, command: Document): Promise<Document> {
  const { response } = await engine.roundTrip(commandMessage(command));
  const reply = BSON.deserialize(response, { useBigInt64: true });
  if (reply["ok"] === 1) return reply;
  throw new CommandFailed(
    Number(reply["code"]),
    `${Object.keys(command)[0] ?? "command"} failed: ${String(reply["errmsg"])}`,
  );
}
