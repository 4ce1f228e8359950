import { ask, bringLive, control, decideTemplates, type LiveClient, type Target } from "@greentick/gateway";
import { type Hand } from "./clock.js";
import { type Databases } from "./planted.js";
import { type Side, type Story } from "./sides.js";

const terms = { effectiveFrom: "2024-11-01", markets: ["Brazil", "Colombia", "Mexico"] } as const;

const numberOf = (
  { canary, digit, wabaIds, phoneNumberIds, businessId }: Story,
  at: 0 | 1,
): Parameters<typeof bringLive>[1]["numbers"][number] => ({
  wabaName: `${canary} ${String(at)}`,
  timezone: "America/Bogota",
  currency: "USD",
  countryCode: "57",
  number: `601555014${at === 0 ? digit : String(Number(digit) - 4)}`,
  displayName: `${canary} ${String(at)}`,
  firstWriter: `57300111010${digit}`,
  ids: { businessId, wabaId: wabaIds[at], phoneNumberId: phoneNumberIds[at] },
});

/** Brings both of the side's numbers live, as staff of its reseller do. */
export const bringBothLive = (target: Target, story: Story, hand: Hand): Promise<LiveClient> =>
  bringLive(target, { client: story.client, terms, numbers: [numberOf(story, 0), numberOf(story, 1)] }, hand);

/** Approved, moved to another category, refused: the same three names at both sides. */
export async function submitTemplates(target: Target, side: Side, hand: Hand): Promise<void> {
  const words = [
    { name: "pedido_enviado", category: "UTILITY", body: `Hola {{1}}, su pedido de ${side.canary} va en camino hoy.` },
    { name: "aviso_de_pedido", category: "UTILITY", body: `Hola {{1}}, con su pedido de ${side.canary} tiene un descuento especial hoy.` },
    { name: "noche_de_casino", category: "MARKETING", body: `Hola {{1}}, venga a la noche de casino de ${side.canary} en el centro.` },
  ] as const; // prettier-ignore
  const plans = words.map((one) => ({ ...one, language: "es_CO", samples: [{ variable: "1", value: "Ana" }] }));
  await decideTemplates(target, side.live, side.wabaIds[0], plans, hand.now);
  hand.now = new Date(hand.now.getTime() + 3_600_000);
  await target.moveClock(hand.now);
}

const openCase = `mutation OpenCase($input: OpenSignupCaseInput!) { openSignupCase(input: $input) { signupCase { id } } }`;
const abandon = `mutation Abandon($input: AbandonSignupCaseInput!) { abandonSignupCase(input: $input) { signupCase { id } } }`;

interface SignedUp {
  readonly code: string;
  readonly wabaId: string;
  readonly businessId: string;
  readonly phoneNumberId?: string;
}

/** What Embedded Signup hands over for one more number of the side. */
export async function embeddedSignup(
  target: Target,
  side: Story,
  number: string,
): Promise<Readonly<Record<string, unknown>>> {
  const phone = { cc: "57", number, verifiedName: `${side.canary} ${number}` };
  const { code, wabaId, businessId, phoneNumberId } = await control<SignedUp>(target.metaUrl, "embedded-signup", {
    businessName: side.client.legalName,
    wabaName: `${side.canary} ${number}`,
    currency: "USD",
    timezone: "America/Bogota",
    country: "CO",
    phone,
  });
  return {
    code,
    wabaId,
    businessId,
    phoneNumberId,
    phone: { countryCode: phone.cc, number, displayName: phone.verifiedName },
  };
}

/** A number whose code nobody enters, one that was given up, and one whose Embedded Signup code Meta refuses. */
export async function leaveCasesOpen(target: Target, side: Side): Promise<void> {
  const open = async (number: string, more: object = {}): Promise<string> => {
    const input = { ...(await embeddedSignup(target, side, number)), ...more };
    const opened = await ask<{ openSignupCase: { signupCase: { id: string } } }>(target, side.tokens.owner, openCase, {
      input,
    });
    return opened.openSignupCase.signupCase.id;
  };
  await open(`601555020${side.digit}`);
  await open(`601555022${side.digit}`, { code: `AQ${"0".repeat(40)}` });
  const caseId = await open(`601555021${side.digit}`);
  await ask(target, side.tokens.owner, abandon, { input: { caseId, reason: `${side.canary} changed its mind` } });
  await target.settle();
}

/** A case at which Meta is away: the platform tries again by itself, when the clock goes on. */
export async function meetAbsentMeta(target: Target, side: Side, { mongo, databasePrefix }: Databases): Promise<void> {
  const input = await embeddedSignup(target, side, `601555023${side.digit}`);
  await control(target.metaUrl, "faults", { route: "GET /oauth/access_token", action: "refuse", remaining: 20 });
  await ask(target, side.tokens.owner, openCase, { input });
  await target.settle();
  await mongo.db(`${databasePrefix}local_meta`).collection("faults").deleteMany({});
}
