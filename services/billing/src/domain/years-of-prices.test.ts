import { eachYear } from "../fixtures/each-year.js";
import { type Year } from "../fixtures/years.js";

/*
 * Years of Meta's prices: cards that change, regimes that end, months that begin at other hours than in UTC. How a row is written stands in the
 * fixture; rates and prefixes stand in `rate-cards`. Every expected amount was added up from those files, none was taken from the rater.
 */
const years: Readonly<Record<string, Year>> = {
  "four changes of the card, midnight being in Bogotá": {
    accounts: `2024-01-01T00:00Z w1 USD America/Bogota`,
    traffic: `
      2025-11-10T15:00Z 12 mexico     marketing
      2025-11-11T16:00Z  9 usa        utility
      2025-11-11T16:05Z  5 usa        utility/window
      2025-12-15T15:00Z 20 india      marketing
      2026-01-01T04:59Z  3 usa        utility
      2026-01-01T05:00Z  4 usa        utility
      2026-01-20T15:00Z 10 india      marketing
      2026-02-14T15:00Z 25 mexico     marketing
      2026-03-10T15:00Z  6 chile      authentication
      2026-04-01T04:59Z  2 india      authentication-international
      2026-04-01T05:00Z  2 india      authentication-international
      2026-05-05T15:00Z 30 brazil     service
      2026-05-06T15:00Z  6 brazil     marketing/entry
      2026-05-07T15:00Z  1 colombia   utility
      2026-06-10T15:00Z  6 hongkong   utility
      2026-07-01T04:59Z  4 spain      marketing
      2026-07-01T05:00Z  4 spain      marketing
      2026-07-10T15:00Z  6 hongkong   utility
      2026-08-20T15:00Z 11 brazil     utility/window
      2026-08-21T15:00Z  7 brazil     marketing_lite costs=0.0411
      2026-09-15T15:00Z  3 kazakhstan utility
      2026-09-16T15:00Z  2 kuwait     marketing
      2026-10-01T04:30Z  5 mexico     marketing
      2026-10-01T05:30Z  5 mexico     marketing
      2026-10-05T15:00Z 10 brazil     utility
      2026-10-05T15:01Z  8 brazil     service/tier
      2026-10-05T15:02Z  3 brazil     service
      2026-10-06T15:00Z  2 colombia   marketing/entry
      2026-10-07T15:00Z  3 kazakhstan utility
      2026-10-08T15:00Z  2 kuwait     marketing`,
    months: `
      2025-11 402_000 402_000 21  5 0
      2025-12 226_000 226_000 23  0 0
      2026-01 131_600 131_600 14  0 0
      2026-02 762_500 762_500 25  0 0
      2026-03 176_000 176_000  8  0 0
      2026-04  60_800  60_800  2  0 0
      2026-05     800     800  1 36 0
      2026-06 313_800 313_800 10  0 0
      2026-07 438_800 438_800 10  0 0
      2026-08 287_700 287_700  7 11 0
      2026-09 243_800 243_800 10  0 0
      2026-10 499_300 499_300 23 10 0`,
  },

  "the last conversations, the months without a card, and the first messages": {
    accounts: `2024-01-01T00:00Z w1 USD America/Bogota`,
    traffic: `
      2024-11-05T13:00Z  3 brazil   cbp:utility             in=order-1
      2024-11-05T14:00Z  2 brazil   cbp:marketing           in=offer-1
      2024-11-20T13:00Z  4 colombia cbp:service             in=question-1
      2024-12-03T15:00Z  6 brazil   cbp:referral_conversion in=ad-1
      2024-12-10T15:00Z  5 india    cbp:authentication      in=each
      2025-01-01T04:30Z  1 mexico   cbp:utility             in=order-2
      2025-01-01T14:00Z  2 mexico   cbp:utility             in=order-2
      2025-01-15T15:00Z  7 colombia cbp:authentication      in=each
      2025-02-10T15:00Z  4 brazil   cbp:utility             in=each
      2025-03-11T15:00Z  3 brazil   cbp:service             in=each
      2025-04-12T15:00Z  5 mexico   cbp:marketing           in=each
      2025-05-13T15:00Z  2 brazil   cbp:referral_conversion in=each
      2025-05-14T15:00Z  3 brazil   cbp:marketing
      2025-06-20T15:00Z  2 brazil   utility
      2025-06-30T20:00Z  1 brazil   cbp:utility             in=order-3
      2025-07-01T12:00Z  2 brazil   cbp:utility             in=order-3
      2025-07-01T15:00Z  2 brazil   cbp:utility             in=order-4
      2025-07-05T15:00Z  2 brazil   cbp:utility             in=each
      2025-07-10T15:00Z 10 mexico   marketing               in=each
      2025-07-11T15:00Z  6 brazil   utility/window
      2025-08-12T15:00Z  5 colombia utility
      2025-09-13T15:00Z  6 zimbabwe marketing
      2025-10-01T04:59Z  3 zimbabwe marketing
      2025-10-01T05:00Z  3 zimbabwe marketing
      2025-10-15T15:00Z  8 colombia utility
      2025-10-16T15:00Z 10 mexico   marketing`,
    months: `
      2024-11  70_500  70_500  2 1 0
      2024-12  17_000  17_000  6 1 0
      2025-01  53_900  53_900  7 0 0
      2025-02       0       0  0 0 4
      2025-03       0       0  0 0 3
      2025-04       0       0  0 0 5
      2025-05       0       0  0 2 3
      2025-06       0       0  0 0 3
      2025-07 436_000 436_000 10 7 2
      2025-08   1_000   1_000  5 0 0
      2025-09 543_600 543_600  9 0 0
      2025-10 378_900 378_900 21 0 0`,
  },

  "a portfolio whose months begin first in Kiritimati and last in Pago Pago": {
    accounts: `
      2024-01-01T00:00Z first USD Pacific/Kiritimati
      2024-01-01T00:00Z last  USD Pacific/Pago_Pago`,
    tiers: `
      2026-10-20T00:00Z 2026-10 Brazil utility 250001:2000000
      2026-11-03T00:00Z 2026-11 Brazil utility 250001:2000000`,
    traffic: `
      2025-12-31T10:00Z  3 usa     utility   by=first
      2026-01-01T11:00Z  3 usa     utility   by=last
      2026-01-31T10:30Z  5 chile   utility   by=first
      2026-01-31T10:30Z  6 chile   utility   by=last
      2026-02-28T09:59Z  2 chile   marketing by=first
      2026-03-01T10:59Z  2 chile   marketing by=last
      2026-03-31T09:59Z  4 india   authentication-international by=first
      2026-03-31T10:00Z  5 india   authentication-international by=first
      2026-04-01T10:59Z  4 india   authentication-international by=last
      2026-04-01T11:00Z  6 india   authentication-international by=last
      2026-05-20T12:00Z  9 germany utility/window by=first
      2026-06-30T10:00Z  6 spain   marketing by=first
      2026-06-30T10:00Z  7 spain   marketing by=last
      2026-08-31T23:00Z  7 mexico  marketing by=first
      2026-08-31T23:00Z  8 mexico  marketing by=last
      2026-09-30T10:00Z  5 brazil  utility   by=first
      2026-09-30T10:00Z  4 brazil  utility/window by=last
      2026-10-01T10:59Z  5 mexico  marketing by=last
      2026-10-01T11:00Z  6 mexico  marketing by=last
      2026-10-25T00:00Z 10 brazil  utility   by=first
      2026-10-31T10:30Z 11 brazil  utility   by=first
      2026-10-31T10:30Z 12 brazil  utility   by=last
      2026-11-01T10:59Z 13 brazil  utility   by=last
      2026-11-03T00:00Z 14 brazil  utility   by=last
      2026-12-10T12:00Z  3 brazil  utility   by=first
      2027-01-01T10:59Z  3 kuwait  marketing by=last`,
    months: `
      2026-01 140_400 140_400 12 0 0
      2026-02 455_600 455_600  9 0 0
      2026-03 224_000 224_000  8 0 0
      2026-04 334_400 334_400 11 0 0
      2026-05       0       0  0 9 0
      2026-06 430_500 430_500  7 0 0
      2026-07 424_200 424_200  6 0 0
      2026-08 244_000 244_000  8 0 0
      2026-09 366_000 366_000 12 4 0
      2026-10 499_700 510_200 46 0 0
      2026-11 165_800 170_000 25 0 0
      2026-12 258_000 258_000  6 0 0`,
  },

  "clocks that change in Berlin, and an account that moves to Santiago": {
    accounts: `
      2024-01-01T00:00Z w1 USD Europe/Berlin
      2026-05-31T12:00Z w1 -   America/Santiago told=2026-06-03T09:00Z`,
    traffic: `
      2025-09-30T22:00Z 4 mexico  marketing
      2025-10-26T00:30Z 3 germany utility
      2025-10-26T01:30Z 3 germany utility
      2025-10-31T22:59Z 2 germany marketing
      2025-10-31T23:00Z 3 germany marketing
      2025-12-31T22:59Z 5 usa     utility
      2025-12-31T23:00Z 6 usa     utility
      2026-02-10T12:00Z 6 germany authentication
      2026-03-29T00:59Z 3 germany utility
      2026-03-29T01:00Z 3 germany utility
      2026-03-31T21:59Z 5 india   authentication-international
      2026-03-31T22:00Z 6 india   authentication-international
      2026-05-31T11:59Z 2 chile   utility
      2026-05-31T22:30Z 7 chile   utility
      2026-06-01T04:00Z 3 chile   utility
      2026-07-01T03:59Z 4 spain   marketing
      2026-07-01T04:00Z 5 spain   marketing
      2026-08-01T03:59Z 3 chile   service
      2026-09-01T03:59Z 3 chile   utility
      2026-09-06T04:00Z 2 chile   utility/window
      2026-10-01T02:59Z 5 mexico  marketing`,
    months: `
      2025-10 725_000 725_000 12 0 0
      2025-11 409_500 409_500  3 0 0
      2025-12  20_000  20_000  5 0 0
      2026-01  20_400  20_400  6 0 0
      2026-02 330_000 330_000  6 0 0
      2026-03 470_000 470_000 11 0 0
      2026-04 182_400 182_400  6 0 0
      2026-05 180_000 180_000  9 0 0
      2026-06 306_000 306_000  7 0 0
      2026-07 353_500 353_500  5 3 0
      2026-08  60_000  60_000  3 0 0
      2026-09 152_500 152_500  5 2 0`,
  },
};

eachYear("prices", years);
