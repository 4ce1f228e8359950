import { event, numberAdded, numberLive } from "@greentick/contracts";
import { AppError, type Call, tenantScope } from "@greentick/kernel";
import { without } from "../../domain/owned.js";
import {
  addNumber,
  digitsOf,
  isConnected,
  isVerified,
  nameVerdict,
  type PhoneNumber,
} from "../../domain/phone-number.js";
import { type SignupCase, type SignupNumber } from "../../domain/signup-case.js";
import { type NumberAccess, type OnboardingPorts, type SeenNumber } from "../../ports.js";
import { lookAtNumber, numberOf, tokenOf, wabaOf } from "../look.js";
import { ownerOf } from "../open-signup-case.js";
import { about } from "../secrets.js";
import { refused, type StepOutcome, type StepWork } from "./outcome.js";

/** The number stands in the account: as Embedded Signup left it there, or added by us. */
export const putNumber: StepWork = async (ports, call, one) => {
  const { number } = one;
  if (number === undefined)
    return refused("staff", "The case names no number.", "Abandon it and open one with the number.");
  const waba = await wabaOf(ports, call, one.wabaId);
  const token = await tokenOf(ports, waba);
  const listed = await findListed(ports, call, { token, one });
  if (listed !== undefined && listed.digits !== digitsOf(number.e164))
    return refused(
      "client",
      `Meta's number ${listed.phoneNumberId} is another number than the one of this case.`,
      "Abandon this case and open one with the number that Embedded Signup set up.",
    );
  const seen = listed ?? (await addAtMeta(ports, call, { token, one, number }));
  const kept = await keepNumber(ports, call, { waba, seen });
  if (!("id" in kept)) return kept;
  return {
    done: { phoneNumberId: kept.phoneNumberId, how: listed === undefined ? "added by us" : "found in the account" },
    learnt: (before) => ({ ...before, phoneNumberId: kept.phoneNumberId, numberRecordId: kept.id }),
  };
};

interface AtMeta {
  readonly token: string;
  readonly one: SignupCase;
}

/** By the id of Embedded Signup when there is one, else by the number itself. */
async function findListed(
  { meta }: OnboardingPorts,
  call: Call,
  { token, one }: AtMeta,
): Promise<SeenNumber | undefined> {
  const listed = await meta.listNumbers(call, token, one.wabaId);
  const digits = digitsOf(one.number?.e164 ?? "");
  return (
    listed.find((seen) => seen.phoneNumberId === one.phoneNumberId) ?? listed.find((seen) => seen.digits === digits)
  );
}

async function addAtMeta(
  { meta }: OnboardingPorts,
  call: Call,
  add: AtMeta & { readonly number: SignupNumber },
): Promise<SeenNumber> {
  const id = await meta.addNumber(call, { token: add.token, wabaId: add.one.wabaId }, add.number);
  const seen = await meta.readNumber(call, add.token, id);
  return { ...seen, digits: digitsOf(add.number.e164) };
}

interface Adding {
  readonly waba: { readonly wabaId: string; readonly id: PhoneNumber["wabaRecordId"] };
  readonly seen: SeenNumber;
}

async function keepNumber(
  { numbers }: OnboardingPorts,
  call: Call,
  { waba, seen }: Adding,
): Promise<PhoneNumber | StepOutcome> {
  const { phoneNumberId, digits, facts } = seen;
  const known = await numbers.findOne(tenantScope(call), { phoneNumberId });
  if (known !== undefined) return known;
  const added = addNumber(
    {
      ...ownerOf(call),
      id: call.newId("phoneNumber"),
      phoneNumberId,
      wabaId: waba.wabaId,
      wabaRecordId: waba.id,
      digits,
      facts,
    },
    call.now(),
  );
  try {
    return await numbers.insert(call, added, [
      event(numberAdded, { phoneNumberId, recordId: added.id, wabaId: waba.wabaId }),
    ]);
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "phone_number_taken") throw error;
    return refused("staff", error.message, "Find out which client the number belongs to; abandon this case.");
  }
}

const accessTo = async (ports: OnboardingPorts, call: Call, number: PhoneNumber): Promise<NumberAccess> => ({
  token: await tokenOf(ports, await wabaOf(ports, call, number.wabaId)),
  phoneNumberId: number.phoneNumberId,
});

/** Meta sends six digits to the number, unless it is verified already. */
export const requestCode: StepWork = async (ports, call, one) => {
  const number = await lookAtNumber(ports, call, await numberOf(ports, call, one));
  if (isVerified(number)) return { done: { code: "not needed: Meta shows the number as verified" } };
  const method = one.number?.codeMethod ?? "SMS";
  const sent = await ports.meta.requestCode(call, await accessTo(ports, call, number), method);
  return { done: { code: sent === "sent" ? `sent by ${method}` : "not needed: Meta says the number is verified" } };
};

/** Meta takes the digits, and shows the number as verified afterwards. */
export const verifyCode: StepWork = async (ports, call, one) => {
  const before = await lookAtNumber(ports, call, await numberOf(ports, call, one));
  const learnt = (known: SignupCase): SignupCase => ({ ...without(known, "sealedDigits") });
  const evidence = { code_verification_status: "VERIFIED" };
  if (isVerified(before)) return { done: evidence, learnt };
  if (one.sealedDigits === undefined) return { wait: true };
  const digits = await ports.vault.open(about.digits(one), one.sealedDigits);
  await ports.meta.verifyCode(call, await accessTo(ports, call, before), digits);
  const after = await lookAtNumber(ports, call, before);
  if (isVerified(after)) return { done: evidence, learnt };
  return refused(
    "staff",
    `Meta took the digits but shows ${after.mirror.codeVerification?.value ?? "no status"}.`,
    "Request a code again.",
  );
};

/** Registering before Meta's approval of the name has no effect (Meta: display names), so the case waits for it. */
export const awaitName: StepWork = async (ports, call, one) => {
  const number = await lookAtNumber(ports, call, await numberOf(ports, call, one));
  return nameOutcome(number);
};

export function nameOutcome(number: PhoneNumber): StepOutcome {
  const word = number.mirror.nameStatus?.value ?? "not told";
  const verdict = nameVerdict(number);
  if (verdict === "approved") return { done: { name_status: word } };
  if (verdict === "waiting") return { wait: true };
  return refused(
    "client",
    `Meta's decision on the display name: ${word}.`,
    "The client changes the display name in WhatsApp Manager, then retry this step.",
  );
}

/** The number is connected; by us with a PIN that is kept before Meta hears of it, or already before. */
export const registerNumber: StepWork = async (ports, call, one) => {
  const before = await lookAtNumber(ports, call, await numberOf(ports, call, one));
  const after = isConnected(before) ? before : await registerWithPin(ports, call, before);
  const status = after.mirror.status?.value ?? "unknown";
  if (!isConnected(after))
    return refused(
      "staff",
      `Meta took the registration but shows the number as ${status}.`,
      "Wait some minutes, then retry; at most ten registrations within 72 hours.",
    );
  await ports.numbers.save(call, { ...after, registeredAt: after.registeredAt ?? call.now() }, []);
  const pin =
    after.sealedPin === undefined ? "not ours: Meta showed the number as connected before" : "set by us and sealed";
  return { done: { status, pin } };
};

async function registerWithPin(ports: OnboardingPorts, call: Call, number: PhoneNumber): Promise<PhoneNumber> {
  const sealedPin = number.sealedPin ?? (await ports.vault.seal(about.pin(number), ports.newPin()));
  const kept = number.sealedPin === undefined ? await ports.numbers.save(call, { ...number, sealedPin }, []) : number;
  const pin = await ports.vault.open(about.pin(kept), sealedPin);
  await ports.meta.register(call, await accessTo(ports, call, kept), pin);
  return lookAtNumber(ports, call, kept);
}

/** The first message proves that Meta's webhooks for this number reach us and find this client. */
export const awaitInbound: StepWork = async (ports, call, one) => {
  const { firstInboundAt } = await numberOf(ports, call, one);
  return firstInboundAt === undefined ? { wait: true } : { done: { firstInboundAt: firstInboundAt.toISOString() } };
};

/** The number is announced as live: the client can work, and billing begins. */
export const goLive: StepWork = async (ports, call, one) => {
  if (one.path === "waba_only") return { done: { account: "linked and paid for" } };
  const number = await numberOf(ports, call, one);
  if (number.liveSince !== undefined) return { done: { liveSince: number.liveSince.toISOString() } };
  const since = call.now();
  const { phoneNumberId, wabaId, id } = number;
  await ports.numbers.save(call, { ...number, liveSince: since }, [
    event(numberLive, { phoneNumberId, recordId: id, wabaId, since }),
  ]);
  return { done: { liveSince: since.toISOString() } };
};
