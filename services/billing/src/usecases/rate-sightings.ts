import { AppError, systemScope } from "@greentick/kernel";
import { type Sighting } from "../domain/fact.js";
import { conversationIds, foldConversations, foldMessages, messageIds } from "../domain/fold.js";
import { type RatingPorts, settleFacts, type Turn } from "./settle-facts.js";

const scope = systemScope("price-facts");
const attempts = 5;

const isConflict = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

async function turnsOf(ports: RatingPorts, sightings: readonly Sighting[]): Promise<readonly Turn[]> {
  const messages = await ports.facts.load(scope, messageIds(sightings));
  const folded = foldMessages(messages, sightings);
  const ids = conversationIds(folded);
  const conversations = ids.length === 0 ? [] : await ports.facts.load(scope, ids);
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
        await settleFacts(ports)(await turnsOf(ports, sightings));
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === attempts) throw error;
      }
    }
  };
