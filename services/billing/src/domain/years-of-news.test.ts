import { eachYear } from "../fixtures/each-year.js";
import { from, type Year } from "../fixtures/years.js";

/*
 * Years in which something is learnt: tiers that were reached, statuses that come late or say something else, new plans. How a row is written stands
 * in the fixture. Every expected amount was worked out from the card files, none was taken from the rater.
 */
const years: Readonly<Record<string, Year>> = {
  "volume tiers, told at once, twice or weeks later; discounts kept, then passed on": {
    accounts: `2024-01-01T00:00Z w1 USD Asia/Kolkata`,
    plans: [
      {},
      { ...from("2027-04-01"), volumeDiscounts: "pass" },
      { ...from("2027-07-01"), volumeDiscounts: "pass", terms: { kind: "percent", basisPoints: 1_000 } },
    ],
    tiers: `
    2026-10-10T06:30Z 2026-10 INDIA    utility        25000001:50000000
    2026-10-10T06:45Z 2026-10 India    utility        25000001:50000000
    2026-11-15T06:30Z 2026-11 India    authentication 750001:15000000
    2026-12-05T06:30Z 2026-12 India    utility        100000001:200000000 told=2026-12-28T00:00Z
    2027-02-10T06:30Z 2027-02 Colombia utility        100001:1000000
    2027-02-12T06:30Z 2027-02 Colombia utility        1000001:4500000
    2027-04-10T06:30Z 2027-04 India    utility        50000001:100000000
    2027-05-10T06:30Z 2027-05 India    authentication 15000001:20000000
    2027-07-10T06:30Z 2027-07 India    utility        25000001:50000000
    2027-09-10T06:30Z 2027-09 India    utility        300000001:MAX`,
    traffic: `
    2026-09-30T18:30Z  4 india    utility
    2026-10-10T06:29Z  5 india    utility
    2026-10-10T06:30Z  6 india    utility
    2026-10-20T12:00Z  3 india    service
    2026-10-20T12:01Z  2 india    marketing
    2026-10-31T18:29Z  7 india    utility
    2026-10-31T18:30Z  8 india    utility
    2026-11-10T12:00Z  2 india    authentication-international
    2026-11-15T06:30Z  4 india    authentication-international
    2026-11-16T12:00Z  5 india    authentication
    2026-12-04T12:00Z 10 india    utility
    2026-12-10T12:00Z 11 india    utility
    2027-01-10T12:00Z 10 india    utility
    2027-02-11T12:00Z  5 colombia utility
    2027-02-13T12:00Z  6 colombia utility
    2027-03-10T12:00Z  8 india    utility/entry
    2027-04-09T12:00Z  7 india    utility
    2027-04-11T12:00Z  8 india    utility
    2027-05-11T12:00Z  3 india    authentication-international
    2027-06-15T12:00Z  9 brazil   utility
    2027-07-11T12:00Z 11 india    utility
    2027-08-11T12:00Z 11 india    utility
    2027-09-11T12:00Z  9 india    utility
    2027-09-11T12:01Z  2 india    marketing`,
    months: `
      2026-10  57_300  58_600 27 0 0
      2026-11 192_900 200_600 19 0 0
      2026-12  26_100  29_400 21 0 0
      2027-01  14_000  14_000 10 0 0
      2027-02   8_200   8_800 11 0 0
      2027-03       0       0  0 8 0
      2027-04  19_400  19_400 15 0 0
      2027-05  80_400  80_400  3 0 0
      2027-06  61_200  61_200  9 0 0
      2027-07  14_300  15_730 11 0 0
      2027-08  15_400  16_940 11 0 0
      2027-09  32_600  35_860 11 0 0`,
  },

  "statuses that come late, twice, in contradiction or without a price": {
    accounts: `2024-01-01T00:00Z w1 USD America/Sao_Paulo`,
    traffic: `
      2025-10-01T12:00Z 3 mexico marketing      sent=2025-09-30T20:00Z
      2025-10-10T12:00Z 4 brazil marketing      sent=2025-10-10T11:59Z via=read
      2025-10-11T12:00Z 2 brazil marketing      sent=2025-10-11T11:59Z via=played
      2025-11-05T12:00Z 5 brazil marketing      never=2025-11-05T12:05Z
      2025-11-06T12:00Z 6 brazil marketing      failed=2025-11-06T12:05Z
      2025-12-10T12:00Z 4 brazil utility        sent=2025-12-10T11:59Z as=marketing
      2026-01-01T03:10Z 6 usa    utility        earlier=2026-01-01T02:50Z
      2026-01-20T12:00Z 3 chile  utility        earlier=2026-01-20T11:00Z
      2026-02-10T12:00Z 4 brazil authentication told=2026-02-19T12:00Z
      2026-02-26T12:00Z 5 brazil authentication told=2026-05-20T12:00Z
      2026-03-15T12:00Z 2 mexico utility        priced=never
      2026-03-31T12:00Z 3 mexico utility        priced=2026-04-02T12:00Z
      2026-04-10T12:00Z 3 brazil general_purpose_ai
      2026-04-11T12:00Z 2 brazil utility/half_price
      2026-05-10T12:00Z 2 brazil group_marketing
      2026-05-10T12:01Z 2 brazil group_service/free_group_customer_service
      2026-05-11T12:00Z 3 somebody_in_mexico marketing
      2026-05-11T12:01Z 2 nobody marketing
      2026-05-11T12:02Z 1 nobody utility/window
      2026-06-10T12:00Z 2 brazil service        subtype=paid_exempt
      2026-06-11T12:00Z 2 brazil marketing_lite costs=0.0411
      2026-06-11T12:01Z 1 brazil marketing_lite costs=0.00000049
      2026-06-11T12:02Z 1 brazil marketing_lite costs=4e-2
      2026-07-10T12:00Z 6 hongkong marketing    failed=2026-07-10T11:00Z
      2026-08-10T12:00Z 3 brazil cbp:utility    in=each
      2026-08-11T12:00Z 6 brazil utility        sent=2026-07-13T12:00Z via=read
      2026-10-01T02:59Z 5 mexico marketing      earlier=2026-09-30T12:00Z failed=2026-10-01T03:00Z`,
    months: `
      2025-10 466_500 466_500  9 0 0
      2025-11 375_000 375_000  6 0 0
      2025-12  51_200  51_200 10 0 0
      2026-01  60_000  60_000  3 0 0
      2026-02  61_200  61_200  9 0 0
      2026-03  25_500  25_500  3 0 2
      2026-04       0       0  0 0 5
      2026-05  91_500  91_500  3 3 4
      2026-06  82_200  82_200  2 3 1
      2026-07 439_200 439_200  6 0 0
      2026-08  40_800  40_800  6 0 3
      2026-09 152_500 152_500  5 0 0`,
  },

  "a client's plans: none yet, as Meta asks, a percentage, clauses, a list with a gap, its mending, one price": {
    accounts: `2024-01-01T00:00Z w1 USD America/Bogota`,
    plans: [
      { ...from("2025-10-15") },
      { ...from("2026-01-10"), terms: { kind: "percent", basisPoints: 1_234 } },
      {
        ...from("2026-04-01"),
        clauses: [
          { market: "Mexico", category: "marketing", terms: { kind: "percent", basisPoints: 2_000 } },
          { category: "authentication", terms: { kind: "own_price", micros: 11_000n } },
        ],
        terms: { kind: "fixed", microsPerMessage: 5_000n, freeToo: true },
      },
      {
        ...from("2026-06-15"),
        terms: {
          kind: "own_list",
          prices: [
            { market: "*", category: "utility", micros: 9_000n },
            { market: "Brazil", category: "marketing", micros: 70_000n },
          ],
        },
      },
      {
        ...from("2026-07-20"),
        told: "2026-07-18T12:00Z",
        terms: {
          kind: "own_list",
          prices: [
            { market: "*", category: "utility", micros: 9_500n },
            { market: "*", category: "marketing", micros: 45_000n },
          ],
        },
      },
      { ...from("2026-09-01"), told: "2026-08-20T12:00Z", terms: { kind: "own_price", micros: 52_500n } },
    ],
    traffic: `
      2025-10-10T15:00Z  4 brazil   marketing
      2025-10-15T04:59Z  2 brazil   marketing
      2025-10-15T05:00Z  3 brazil   marketing
      2025-11-10T15:00Z 10 mexico   marketing
      2025-11-11T15:00Z  5 brazil   utility/window
      2025-12-10T15:00Z  7 colombia utility
      2026-01-10T04:59Z  3 mexico   marketing
      2026-01-10T05:00Z  4 mexico   marketing
      2026-02-10T15:00Z 10 colombia utility
      2026-03-10T15:00Z  4 india    marketing
      2026-03-11T15:00Z  3 brazil   service
      2026-04-10T15:00Z  5 mexico   marketing
      2026-04-11T15:00Z  6 brazil   marketing
      2026-04-12T15:00Z  4 brazil   utility/window
      2026-04-13T15:00Z  2 brazil   authentication
      2026-05-10T15:00Z  3 usa      utility
      2026-06-15T04:59Z  1 brazil   marketing
      2026-06-15T05:00Z  2 brazil   marketing
      2026-06-20T15:00Z  6 india    marketing
      2026-06-21T15:00Z  4 chile    utility
      2026-06-22T15:00Z  3 brazil   authentication
      2026-07-10T15:00Z  4 india    marketing
      2026-07-20T05:00Z  2 india    marketing
      2026-08-10T15:00Z  5 brazil   utility/window
      2026-08-11T15:00Z  3 brazil   utility
      2026-09-10T15:00Z  3 brazil   utility
      2026-09-11T15:00Z  2 brazil   utility/window`,
    months: `
      2025-10 187_500 187_500  3 0 6
      2025-11 305_000 305_000 10 5 0
      2025-12   5_600   5_600  7 0 0
      2026-01 213_500 228_556  7 0 0
      2026-02   8_000   8_990 10 0 0
      2026-03  47_200  53_024  4 3 0
      2026-04 541_100 630_000 13 4 0
      2026-05  10_200  25_200  3 0 0
      2026-06 358_700 671_000 16 0 0
      2026-07  70_800 270_000  6 0 0
      2026-08  20_400  28_500  3 5 0
      2026-09  20_400 157_500  3 2 0`,
  },
};

eachYear("news", years);
