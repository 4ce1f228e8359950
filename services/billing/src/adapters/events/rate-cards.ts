import { type DataOf, rateCardRehearsalRequested, rateCardReleased } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";

export interface RateCardVerbs {
  /** Takes the card in and rates what waited for one, whosever it is. */
  readonly released: () => Promise<void>;
  readonly rehearse: (call: Call, rateCardId: string) => Promise<void>;
}

/** Apart from the other intents: a rehearsal reads a month of everybody's traffic. */
export const rateCardConsumer = (verbs: RateCardVerbs): ConsumerSpec => ({
  name: "billing.rate-cards",
  on: [
    { event: rateCardReleased, handle: () => verbs.released() },
    {
      event: rateCardRehearsalRequested,
      handle: (call, event) =>
        verbs.rehearse(call, (event.data as DataOf<typeof rateCardRehearsalRequested>).rateCardId),
    },
  ],
});
