import { AppError, systemScope } from "@greentick/kernel";
import { type Fact, type Sighting } from "../domain/fact.js";
import { conversationIds, foldConversations, foldMessages, messageIds } from "../domain/fold.js";
import { type RatingPorts, settleFacts, type Turn } from "./settle-facts.js";

const scope = systemScope("price-facts");
const attempts = 5;

const isConflict = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

/** The facts that these status updates change, messages and conversations, as they were loaded and as they are after them. */
export async function foldedInto(
  load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Fact>>,
  sightings: readonly Sighting[],
): Promise<readonly Turn[]> {
  const messages = await load(messageIds(sightings));
  const folded = foldMessages(messages, sightings);
  const ids = conversationIds(folded);
  const conversations = ids.length === 0 ? [] : await load(ids);
  const before = new Map([...messages, ...conversations]);
  return foldConversations(before, folded).map((after) => ({ before: before.get(after.id), after }));
}

/**
 * Takes in a batch of status updates and rates what became complete. Order and repetition change nothing. When it returns, facts, entries
 * and dirty windows are durable.
 */
export const rateSightings =
  (ports: RatingPorts) =>
  async (sightings: readonly Sighting[]): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await settleFacts(ports)(await foldedInto((ids) => ports.facts.load(scope, ids), sightings));
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === attempts) throw error;
      }
    }
  };
