import { eachYear } from "../fixtures/each-year.js";
import { from, type Year } from "../fixtures/years.js";

/*
 * Years of bills: what is settled over a month, fees, and invoices in whole cents whose rest is carried. Invoices are of months in UTC. How a row is written stands in the fixture; Brazil and Mexico have invoice lines of their own. Every
 * expected amount was worked out from the card files and the plans, none was taken from the code.
 */
const years: Readonly<Record<string, Year>> = {
  "a bundle, tiers, a minimum and fees by days, in dollars, until the client leaves": {
    accounts: `2024-01-01T00:00Z w1 USD America/Bogota`,
    billing: {
      from: "2025-10-12",
      ended: "2026-08-20T15:00Z",
      subjects: [
        { kind: "waba", id: "w1", since: new Date("2025-10-12T15:00Z") },
        { kind: "number", id: "n1", since: new Date("2026-02-10T15:00Z") },
        { kind: "number", id: "n2", since: new Date("2026-07-30T15:00Z") },
      ],
    },
    plans: [
      {
        ...from("2025-10-12"),
        terms: { kind: "percent", basisPoints: 1_000 },
        platformFeeMicros: 49_000_000n,
        fees: { wabaMicros: 5_000_000n, numberMicros: 10_000_000n, byDays: true },
        month: {
          bundles: [{ messages: 20, categories: ["utility"] }],
          tiers: [
            {
              steps: [
                { above: 30, basisPoints: 1_000 },
                { above: 50, basisPoints: 2_000 },
              ],
            },
          ],
          minimumMicros: 100_000n,
        },
      },
      {
        ...from("2026-04-01"),
        terms: { kind: "percent", basisPoints: 1_000 },
        platformFeeMicros: 49_000_000n,
        fees: { wabaMicros: 5_000_000n, numberMicros: 10_000_000n, byDays: true },
        month: {
          bundles: [],
          tiers: [{ markets: ["Chile", "Colombia"], steps: [{ above: 20, lessMicros: 500n }] }],
          minimumMicros: 600_000n,
        },
      },
    ],
    traffic: `
      2025-10-15T15:00Z 30 mexico   utility
      2025-11-01T02:00Z 10 mexico   marketing
      2025-11-10T15:00Z 60 brazil   utility
      2025-12-10T15:00Z 40 brazil   marketing
      2025-12-11T15:00Z 15 colombia utility
      2026-02-10T15:00Z 25 india    marketing
      2026-03-10T15:00Z 35 mexico   marketing
      2026-03-11T15:00Z 10 brazil   utility
      2026-04-10T15:00Z 50 chile    utility
      2026-05-10T15:00Z  5 brazil   utility/window
      2026-05-11T15:00Z 30 usa      utility
      2026-06-10T15:00Z 10 germany  marketing
      2026-07-10T15:00Z 70 colombia utility
      2026-08-19T15:00Z 10 mexico   marketing
      2026-08-19T16:00Z  5 mexico   marketing told=2026-09-20T12:00Z`,
    months: `
      2025-10   560_000   616_000 40 0 0
      2025-11   408_000   448_800 60 0 0
      2025-12 2_512_000 2_763_200 55 0 0
      2026-01         0         0  0 0 0
      2026-02   295_000   324_500 25 0 0
      2026-03 1_135_500 1_249_050 45 0 0
      2026-04 1_000_000 1_100_000 50 0 0
      2026-05   102_000   112_200 30 5 0
      2026-06 1_365_000 1_501_500 10 0 0
      2026-07    56_000    61_600 70 0 0
      2026-08   457_500   503_250 15 0 0
      2026-09         0         0  0 0 0`,
    invoices: `
      2025-10   280_500 -187_000 34_838_709      0 3_493
      2025-11   784_300 -174_988 54_000_000  2_209 5_461
      2025-12 2_763_200  -81_950 54_000_000  1_521 5_668
      2026-01         0  100_000 54_000_000  2_771 5_410
      2026-02   324_500        0 60_785_714  2_771 6_110
      2026-03 1_249_050  -91_575 64_000_000 12_985 6_516
      2026-04 1_100_000  -15_000 64_000_000 10_460 6_509
      2026-05   112_200  487_800 64_000_000  5_460 6_460
      2026-06 1_501_500        0 64_000_000  5_460 6_551
      2026-07    61_600  538_400 64_645_161 -3_040 6_524
      2026-08   335_500   51_597 47_741_935  2_121 4_813
      2026-09   167_750        0          0  1_153    16`,
  },

  "pesos of Colombia at Meta and on the bill: free messages that cost something, reports after the close": {
    accounts: `2024-01-01T00:00Z w1 COP America/Bogota`,
    currency: "COP",
    billing: { from: "2026-07-10" },
    plans: [
      {
        terms: { kind: "fixed", microsPerMessage: 500_000n, freeToo: true },
        platformFeeMicros: 150_000_333_333n,
        fees: { wabaMicros: 0n, numberMicros: 0n, byDays: true },
        month: {
          bundles: [{ messages: 30, categories: ["utility", "service"] }],
          tiers: [],
          minimumMicros: 150_000_000n,
        },
      },
      {
        ...from("2027-01-01"),
        terms: {
          kind: "own_list",
          prices: [
            { market: "*", category: "marketing", micros: 150_000_000n },
            { market: "*", category: "utility", micros: 30_003_000n },
            { market: "Brazil", category: "service", micros: 31_004_000n },
          ],
        },
        platformFeeMicros: 99_999_999_999n,
        month: {
          bundles: [],
          tiers: [{ markets: ["Brazil"], steps: [{ above: 5, basisPoints: 333 }] }],
          minimumMicros: 200_000_000n,
        },
      },
    ],
    traffic: `
      2026-07-05T15:00Z  1 colombia marketing
      2026-07-15T15:00Z  3 usa      utility
      2026-08-10T15:00Z 40 brazil   utility
      2026-08-11T15:00Z  5 brazil   utility/window
      2026-09-10T15:00Z  7 colombia utility
      2026-10-01T04:59Z  4 mexico   marketing
      2026-10-05T15:00Z 12 brazil   service
      2026-10-05T15:01Z 10 brazil   service/tier
      2026-11-10T15:00Z 25 colombia utility
      2026-11-11T15:00Z 25 usa      utility
      2026-11-20T15:00Z  6 india    marketing    told=2026-12-30T12:00Z
      2026-12-01T15:00Z  4 usa      utility      told=2027-01-02T12:00Z
      2026-12-31T15:00Z  8 mexico   utility      told=2027-01-02T23:59Z
      2026-12-31T15:01Z  9 mexico   utility      told=2027-01-03T00:00Z
      2027-01-10T15:00Z 10 brazil   marketing
      2027-02-10T15:00Z  3 chile    utility
      2027-03-10T15:00Z 20 brazil   utility
      2027-05-10T15:00Z 10 brazil   service/tier
      2027-05-11T15:00Z  4 brazil   service
      2027-06-10T15:00Z  7 brazil   marketing`,
    months: `
      2026-07    83_577_300    85_577_300  4  0 0
      2026-08 1_001_452_000 1_023_952_000 40  5 0
      2026-09   469_799_700   475_299_700 11  0 0
      2026-10   300_435_600   311_435_600 12 10 0
      2026-11   647_264_900   675_264_900 56  0 0
      2026-12   582_094_600   592_594_600 21  0 0
      2027-01 2_301_133_000 1_500_000_000 10  0 0
      2027-02   220_908_900    90_009_000  3  0 0
      2027-03   500_726_000   600_060_000 20  0 0
      2027-04             0             0  0  0 0
      2027-05   100_145_200   124_016_000  4 10 0
      2027-06 1_610_793_100 1_050_000_000  7  0 0`,
    invoices: `
      2026-07    85_577_300   20_874_313 106_451_849_462       0 10_655_830
      2026-08 1_023_952_000 -766_089_000 150_000_333_333   1_075 15_025_819
      2026-09    24_118_500  125_881_500 150_000_333_333   7_408 15_015_034
      2026-10   762_616_800 -306_435_600 150_000_333_333     741 15_045_651
      2026-11   411_592_500 -246_955_500 150_000_333_333   5_274 15_016_497
      2026-12   570_108_400 -306_436_000 150_000_333_333   5_607 15_026_402
      2027-01 1_786_158_600  -24_975_000  99_999_999_999  -8_660 10_176_119
      2027-02    90_009_000  109_991_000  99_999_999_999 -15_061 10_020_000
      2027-03   600_060_000  -14_986_499  99_999_999_999 -15_062 10_058_508
      2027-04             0  200_000_000  99_999_999_999 -21_562 10_020_000
      2027-05   124_016_000   75_984_000  99_999_999_999 -21_563 10_020_000
      2027-06 1_050_000_000   -9_990_000  99_999_999_999 -21_564 10_104_001`,
  },
};

eachYear("bills", years);
