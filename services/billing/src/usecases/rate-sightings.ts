import { AppError, systemScope } from "@greentick/kernel";
import { type Fact, factKeyOf, observe, type Sighting } from "../domain/fact.js";
import { type RatingPorts, settleFacts, type Turn } from "./settle-facts.js";

const scope = systemScope("price-facts");
const attempts = 5;

const isConflict = (error: unknown): boolean => error instanceof AppError && error.reason === "version_conflict";

async function turnsOf(ports: RatingPorts, sightings: readonly Sighting[]): Promise<readonly Turn[]> {
  const ids = [...new Set(sightings.map((one) => factKeyOf(one).id))];
  const before = await ports.facts.load(scope, ids);
  const after = new Map<string, Fact>();
  for (const sighting of sightings) {
    const { id } = factKeyOf(sighting);
    after.set(id, observe(after.get(id) ?? before.get(id), sighting));
  }
  return [...after.values()].map((fact) => ({ before: before.get(fact.id), after: fact }));
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
