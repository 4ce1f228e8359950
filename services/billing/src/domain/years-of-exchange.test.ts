import { eachYear } from "../fixtures/each-year.js";
import { from, type Year } from "../fixtures/years.js";

/*
 * Years of bills in another currency than Meta's: dated rates, and invoices in whole centavos, pesos and fils whose rest is carried. Invoices are of months in UTC. How a row is written stands in the fixture; Brazil and Mexico have invoice lines of their own. Every
 * expected amount was worked out from the card files and the plans, none was taken from the code.
 */
const years: Readonly<Record<string, Year>> = {
  "an account that moves from dollars to pesos eleven days before there is a card in pesos": {
    accounts: `
      2024-01-01T00:00Z w1 USD America/Bogota
      2026-06-20T05:00Z w1 COP -              told=2026-06-25T14:00Z`,
    currency: "COP",
    plans: [{ exchange: { source: "BANK", markupBasisPoints: 0, maxAgeDays: 31 } }],
    rates: `
      2026-01-01 USD COP 3911.42
      2026-02-02 USD COP 3888.05
      2026-03-02 USD COP 3750
      2026-04-01 USD COP 3702.885
      2026-05-04 USD COP 3690.1
      2026-06-01 USD COP 3681.81`,
    traffic: `
      2026-01-10T15:00Z 10 mexico   marketing
      2026-02-01T15:00Z  3 brazil   utility
      2026-02-10T15:00Z  8 india    marketing
      2026-03-10T15:00Z  5 colombia utility
      2026-03-11T15:00Z  4 brazil   utility/window
      2026-04-10T15:00Z  6 india    authentication-international
      2026-05-02T15:00Z  6 usa      utility
      2026-05-03T15:00Z  4 usa      utility
      2026-05-10T15:00Z  7 chile    marketing
      2026-06-10T15:00Z  5 mexico   marketing
      2026-06-20T04:59Z  2 mexico   marketing
      2026-06-20T05:00Z  3 mexico   marketing
      2026-06-26T15:00Z  4 brazil   utility
      2026-06-28T15:00Z  2 brazil   utility/window
      2026-07-10T15:00Z  5 mexico   marketing
      2026-08-10T15:00Z 10 colombia utility
      2026-08-11T15:00Z  6 brazil   utility/window
      2026-10-01T04:59Z  4 mexico   marketing
      2026-10-01T05:00Z  4 mexico   marketing
      2026-10-05T15:00Z  3 brazil   service
      2026-10-05T15:01Z  2 brazil   service/tier
      2026-11-10T15:00Z  4 kuwait   authentication-international
      2026-12-10T15:00Z  6 colombia marketing`,
    months: `
      2026-01    305_000USD 1_192_983_100 10 0 0
      2026-02    114_800USD   446_824_888 11 0 0
      2026-03      4_000USD    15_000_000  5 4 0
      2026-04    182_400USD   675_406_224  6 0 0
      2026-05    642_700USD 2_371_888_084 13 0 4
      2026-06    213_500USD   786_066_435  7 2 7
      2026-07   561_476_500   561_476_500  5 0 0
      2026-08    29_455_000    29_455_000 10 6 0
      2026-09   449_181_200   449_181_200  4 0 0
      2026-10   659_044_500   659_044_500  7 2 0
      2026-11 1_767_270_400 1_767_270_400  4 0 0
      2026-12   276_136_200   276_136_200  6 0 0`,
    invoices: `
      2026-01 1_192_983_100 0 0      0 119_298
      2026-02   446_824_888 0 0  3_100  44_682
      2026-03    15_000_000 0 0  7_988   1_500
      2026-04   675_406_224 0 0  7_988  67_541
      2026-05 2_371_888_084 0 0  4_212 237_189
      2026-06   786_066_435 0 0  2_296  78_607
      2026-07   561_476_500 0 0 -1_269  56_148
      2026-08    29_455_000 0 0 -4_769   2_945
      2026-09             0 0 0    231       0
      2026-10 1_108_225_700 0 0    231 110_822
      2026-11 1_767_270_400 0 0  5_931 176_727
      2026-12   276_136_200 0 0  6_331  27_614`,
  },

  "dollars at Meta, pesos of Chile without cents: rates that age, come late or never": {
    accounts: `2024-01-01T00:00Z w1 USD America/Santiago`,
    currency: "CLP",
    billing: { from: "2025-10-01" },
    plans: [
      {
        terms: { kind: "percent", basisPoints: 1_000 },
        exchange: { source: "BANK", markupBasisPoints: 150, maxAgeDays: 3 },
        platformFeeMicros: 25_000_500_000n,
      },
    ],
    rates: `
      2025-10-06 USD CLP 948.17
      2025-11-03 USD CLP 939.5      told=2025-11-07T12:00Z
      2025-12-01 USD CLP 921.04
      2025-12-30 USD CLP 907.13
      2026-02-02 USD CLP 871.9
      2026-03-02 USD CLP 880.25
      2026-04-06 USD CLP 893.333333
      2026-05-04 USD CLP 902.6
      2026-06-01 USD CLP 911
      2026-07-06 USD CLP 934.48
      2026-08-03 USD CLP 929.015
      2026-08-31 USD CLP 925.07
      2026-09-01 USD CLP 926.33`,
    traffic: `
      2025-10-06T12:00Z  7 chile    utility
      2025-10-09T12:00Z  3 chile    utility
      2025-10-10T12:00Z  2 chile    utility
      2025-11-05T12:00Z  9 mexico   marketing
      2025-12-02T12:00Z 11 chile    marketing
      2026-01-01T01:00Z  5 usa      utility
      2026-02-03T12:00Z 20 colombia utility
      2026-03-02T12:00Z 13 brazil   marketing
      2026-04-06T12:00Z  9 india    authentication-international
      2026-05-04T12:00Z  6 brazil   utility/window
      2026-05-05T12:00Z  1 brazil   marketing
      2026-06-01T12:00Z  8 spain    marketing
      2026-07-06T12:00Z  8 spain    marketing
      2026-08-03T12:00Z 10 germany  authentication
      2026-09-01T03:59Z  3 germany  authentication
      2026-09-01T12:00Z  4 kuwait   marketing`,
    months: `
      2025-10 200_000USD   211_726_360 10 0 2
      2025-11 274_500USD   287_937_252  9 0 0
      2025-12 997_900USD 1_025_871_034 16 0 0
      2026-01          0             0  0 0 0
      2026-02  16_000USD    15_575_620 20 0 0
      2026-03 812_500USD   798_524_285 13 0 0
      2026-04 273_600USD   272_890_467  9 0 0
      2026-05  62_500USD    62_984_556  1 6 0
      2026-06 492_000USD   500_428_696  8 0 0
      2026-07 565_600USD   590_117_016  8 0 0
      2026-08 715_000USD   740_903_598 13 0 0
      2026-09 136_400USD   141_071_352  4 0 0`,
    invoices: `
      2025-10   211_726_360 0 25_000_500_000          0 25_213
      2025-11   287_937_252 0 25_000_500_000   -773_640 25_288
      2025-12 1_005_614_819 0 25_000_500_000   -336_388 26_007
      2026-01    20_256_215 0 25_000_500_000 -1_221_569 25_020
      2026-02    15_575_620 0 25_000_500_000   -465_354 25_017
      2026-03   798_524_285 0 25_000_500_000 -1_389_734 25_799
      2026-04   272_890_467 0 25_000_500_000 -1_365_449 25_274
      2026-05    62_984_556 0 25_000_500_000 -1_974_982 25_063
      2026-06   500_428_696 0 25_000_500_000 -1_490_426 25_501
      2026-07   590_117_016 0 25_000_500_000 -1_561_730 25_590
      2026-08   570_484_890 0 25_000_500_000   -944_714 25_571
      2026-09   311_490_060 0 25_000_500_000   -959_824 25_312`,
  },

  "dollars at Meta, dinars of Kuwait in fils: own tiers, and discounts that are passed on after the close": {
    accounts: `2024-01-01T00:00Z w1 USD Asia/Kuwait`,
    currency: "KWD",
    billing: { from: "2026-01-01" },
    plans: [
      {
        terms: { kind: "fixed", microsPerMessage: 1_500n, freeToo: false },
        exchange: { source: "BANK", markupBasisPoints: 25, maxAgeDays: 400 },
        platformFeeMicros: 12_345_678n,
        month: {
          bundles: [{ messages: 5, markets: ["India"], categories: ["marketing"] }],
          tiers: [{ steps: [{ above: 10, lessMicros: 250n }] }],
          minimumMicros: 100_000n,
        },
      },
      {
        ...from("2026-07-15"),
        terms: { kind: "percent", basisPoints: 750 },
        volumeDiscounts: "pass",
        exchange: { source: "BANK", markupBasisPoints: 25, maxAgeDays: 400 },
        platformFeeMicros: 12_345_678n,
      },
    ],
    rates: `
      2026-01-01 USD KWD 0.3067
      2026-05-01 USD KWD 0.30725
      2026-10-01 USD KWD 0.306512`,
    tiers: `
      2026-10-10T06:30Z 2026-10 Kuwait utility 100001:1000000
      2026-10-12T06:30Z 2026-10 Mexico utility 1000001:5000000 told=2026-11-05T08:00Z`,
    traffic: `
      2026-01-01T00:00Z 12 india   marketing
      2026-01-31T21:30Z  4 usa     utility
      2026-02-10T12:00Z  8 india   marketing
      2026-02-11T12:00Z 20 usa     utility
      2026-04-10T12:00Z 15 germany utility
      2026-05-10T12:00Z 15 germany utility
      2026-06-10T12:00Z  6 india   marketing
      2026-06-10T12:01Z  6 brazil  marketing
      2026-06-10T12:02Z  6 mexico  marketing
      2026-07-14T20:59Z 10 brazil  utility
      2026-07-14T21:00Z 10 brazil  utility
      2026-08-10T12:00Z 30 mexico  utility
      2026-09-10T12:00Z  2 chile   authentication
      2026-09-11T12:00Z  3 chile   utility/window
      2026-10-09T12:00Z 10 kuwait  utility
      2026-10-11T12:00Z 11 kuwait  utility
      2026-10-20T12:00Z 30 mexico  utility
      2026-11-10T12:00Z  7 spain   marketing
      2026-12-31T20:59Z  3 kuwait  marketing`,
    months: `
      2026-01   141_600USD  61_536 12 0 0
      2026-02   176_000USD 102_104 32 0 0
      2026-03            0       0  0 0 0
      2026-04   825_000USD 276_165 15 0 0
      2026-05   825_000USD 276_615 15 0 0
      2026-06   628_800USD 220_686 18 0 0
      2026-07   136_000USD  58_470 20 0 0
      2026-08   255_000USD  84_450 30 0 0
      2026-09    40_000USD  13_244  2 3 0
      2026-10 1_142_800USD 377_508 51 0 0
      2026-11   494_900USD 163_478  7 0 0
      2026-12   237_600USD  78_486  3 0 0`,
    invoices: `
      2026-01  71_716  28_284 12_345_678      0 12_446
      2026-02  91_924   8_076 12_345_678   -322 12_445
      2026-03       0 100_000 12_345_678    356 12_446
      2026-04 276_165  -1_250 12_345_678     34 12_620
      2026-05 276_615  -1_250 12_345_678    627 12_622
      2026-06 220_686 -26_425 12_345_678   -330 12_539
      2026-07  58_470  41_530 12_345_678    609 12_446
      2026-08  84_450       0 12_345_678    287 12_430
      2026-09  13_244       0 12_345_678    415 12_358
      2026-10 381_468       0 12_345_678  1_337 12_728
      2026-11 159_518       0 12_345_678    483 12_510
      2026-12  78_486       0 12_345_678 -4_321 12_423`,
  },
};

eachYear("exchange", years);
