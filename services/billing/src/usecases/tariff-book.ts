import { type Log, systemScope } from "@greentick/kernel";
import { type PublishedPrices, tariffsOf } from "../domain/card-book.js";
import { type Tariffs } from "../domain/rate.js";
import { type RateCardImportStore, type TariffRefresh, type TariffSource } from "../ports.js";

export interface TariffBook {
  readonly tariffs: TariffSource;
  readonly refreshTariffs: TariffRefresh;
}

/**
 * The shipped cards and whatever was released since, in memory. Releases are only ever added, so their number tells whether there is
 * something to read.
 */
export function tariffBook(ports: {
  readonly published: PublishedPrices;
  readonly imports: RateCardImportStore;
  readonly log: Log;
}): TariffBook {
  let known = 0;
  let tariffs: Tariffs = tariffsOf(ports.published, []);
  return {
    tariffs: () => tariffs,
    refreshTariffs: async () => {
      if ((await ports.imports.countReleased()) === known) return false;
      const released = await ports.imports.findAll(systemScope("rate-cards"), { status: "released" });
      if (released.length <= known) return false;
      tariffs = tariffsOf(ports.published, released);
      known = released.length;
      const replaced = ports.published.cards.filter(({ id }) => !inForce(tariffs, id)).map(({ name }) => name);
      ports.log.info({ rateCards: known, shippedButReplaced: replaced }, "released rate cards taken in");
      return true;
    },
  };
}

const inForce = ({ rates }: Tariffs, cardId: string): boolean => rates.cards.some(({ id }) => id === cardId);
