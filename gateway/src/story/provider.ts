import { hourMs, minuteMs } from "@greentick/kernel";
import { openBilling, type PlanTerms } from "./billing.js";
import { type Client, type ClientPlan, createClient } from "./clients.js";
import { type NumberPlan, type OnboardedNumber, onboardNumber } from "./onboard.js";
import { type Target } from "./target.js";

export interface ClientStory {
  readonly client: ClientPlan;
  readonly terms: PlanTerms;
  readonly numbers: readonly NumberPlan[];
}

export interface LiveClient extends Client {
  readonly numbers: readonly OnboardedNumber[];
}

/** Two clients with different price plans: Meta's prices passed through, and a percentage with a monthly fee. */
export const twoClients = (from: string): readonly [ClientStory, ClientStory] => [
  {
    client: {
      name: "Lumbre Café",
      legalName: "Lumbre Café Comércio Ltda.",
      country: "BR",
      currency: "USD",
      timeZone: "America/Sao_Paulo",
    },
    terms: { effectiveFrom: from, markets: ["Brazil", "Mexico", "North America"] },
    numbers: [
      {
        wabaName: "Lumbre Café",
        timezone: "America/Sao_Paulo",
        currency: "USD",
        countryCode: "55",
        number: "11987650001",
        displayName: "Lumbre Café",
        firstWriter: "5511912340001",
      },
    ],
  },
  {
    client: {
      name: "Andes Salud",
      legalName: "Andes Salud S.A.S.",
      country: "CO",
      currency: "COP",
      timeZone: "America/Bogota",
    },
    terms: {
      effectiveFrom: from,
      percentBasisPoints: 1_250,
      platformFee: "180000",
      markets: ["Colombia", "Peru", "India"],
    },
    numbers: [
      {
        wabaName: "Andes Salud",
        timezone: "America/Bogota",
        currency: "COP",
        countryCode: "57",
        number: "3005550002",
        displayName: "Andes Salud",
        firstWriter: "573001110002",
      },
    ],
  },
];

/** The businesses that the sample payloads are about; the first has two accounts. */
export const sampleClients: readonly ClientStory[] = [
  {
    client: {
      name: "Casa Lumen",
      legalName: "Casa Lumen S.A.S.",
      country: "CO",
      currency: "USD",
      timeZone: "America/Bogota",
    },
    terms: { effectiveFrom: "2024-11-01", markets: ["Brazil", "Colombia", "Mexico"] },
    numbers: [
      {
        wabaName: "Casa Lumen",
        timezone: "America/Bogota",
        currency: "USD",
        countryCode: "57",
        number: "3005550100",
        displayName: "Casa Lumen",
        firstWriter: "573001110100",
        ids: { businessId: "702915384620175", wabaId: "318274650192837", phoneNumberId: "219384756102938" },
      },
      {
        wabaName: "Casa Lumen Fundación",
        timezone: "America/Bogota",
        currency: "USD",
        countryCode: "57",
        number: "3005550101",
        displayName: "Casa Lumen Fundación",
        firstWriter: "573001110101",
        ids: { businessId: "702915384620175", wabaId: "556182930475610", phoneNumberId: "640192837465019" },
      },
    ],
  },
  {
    client: {
      name: "Puerto Norte",
      legalName: "Puerto Norte S.A.S.",
      country: "CO",
      currency: "USD",
      timeZone: "America/Bogota",
    },
    terms: { effectiveFrom: "2024-11-01", markets: ["Brazil", "Colombia", "Mexico"] },
    numbers: [
      {
        wabaName: "Puerto Norte",
        timezone: "America/Bogota",
        currency: "USD",
        countryCode: "57",
        number: "3005550200",
        displayName: "Puerto Norte",
        firstWriter: "573001110200",
        ids: { wabaId: "427163905281746", phoneNumberId: "530918273645102" },
      },
    ],
  },
];

/** How long bringing one number live takes on the business clock. */
const onboardingMs = 2 * hourMs + minuteMs;

/** Creates a client, opens its billing and brings its numbers live, one after the other. `clock` says when it is and is moved on. */
export async function bringLive(target: Target, story: ClientStory, clock: { now: Date }): Promise<LiveClient> {
  const client = await createClient(target, story.client);
  await openBilling(target, client, story.terms);
  const numbers: OnboardedNumber[] = [];
  for (const plan of story.numbers) {
    numbers.push(await onboardNumber(target, client, plan, clock.now));
    clock.now = new Date(clock.now.getTime() + onboardingMs);
    await target.moveClock(clock.now);
  }
  return { ...client, numbers };
}
