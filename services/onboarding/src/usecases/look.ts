import { type Call, tenantScope } from "@greentick/kernel";
import { numberErrors, wabaErrors } from "../domain/errors.js";
import { type MirrorSource } from "../domain/mirror.js";
import { observeNumber, type PhoneNumber } from "../domain/phone-number.js";
import { type SignupCase } from "../domain/signup-case.js";
import { observeWaba, type Waba } from "../domain/waba.js";
import { type OnboardingPorts } from "../ports.js";
import { numberChanges, wabaChanges } from "./mirror-events.js";
import { about } from "./secrets.js";

type LookPorts = Pick<OnboardingPorts, "wabas" | "numbers" | "meta" | "vault">;

export const tokenOf = ({ vault }: Pick<LookPorts, "vault">, waba: Waba): Promise<string> =>
  vault.open(about.token(waba), waba.sealedToken);

/** @throws NOT_FOUND/waba_not_found. */
export async function wabaOf({ wabas }: Pick<LookPorts, "wabas">, call: Call, wabaId: string): Promise<Waba> {
  const waba = await wabas.findOne(tenantScope(call), { wabaId });
  if (waba === undefined) throw wabaErrors.notFound(wabaId);
  return waba;
}

/** @throws NOT_FOUND/phone_number_not_found. */
export async function numberOf(
  { numbers }: Pick<LookPorts, "numbers">,
  call: Call,
  one: SignupCase,
): Promise<PhoneNumber> {
  if (one.numberRecordId === undefined) throw numberErrors.notFound("that was not added yet");
  return numbers.get(tenantScope(call), one.numberRecordId);
}

export interface NumberLook {
  readonly number: PhoneNumber;
  readonly source: MirrorSource;
}

/** Reads the number at Meta and keeps what it shows; differences are events. */
export async function seeNumber(ports: LookPorts, call: Call, { number, source }: NumberLook): Promise<PhoneNumber> {
  const token = await tokenOf(ports, await wabaOf(ports, call, number.wabaId));
  const seen = await ports.meta.readNumber(call, token, number.phoneNumberId);
  const { next, changes } = observeNumber(number, seen.facts, { at: call.now(), source });
  return ports.numbers.save(call, next, numberChanges(next, changes));
}

/** The same for a step of a signup case. */
export const lookAtNumber = (ports: LookPorts, call: Call, number: PhoneNumber): Promise<PhoneNumber> =>
  seeNumber(ports, call, { number, source: "signup" });

export interface WabaLook {
  readonly waba: Waba;
  readonly source: MirrorSource;
}

/** Reads the account at Meta and keeps what it shows; differences are events. */
export async function seeWaba(ports: LookPorts, call: Call, { waba, source }: WabaLook): Promise<Waba> {
  const { facts } = await ports.meta.readWaba(call, await tokenOf(ports, waba), waba.wabaId);
  const { next, changes } = observeWaba(waba, facts, { at: call.now(), source });
  return ports.wabas.save(call, next, wabaChanges(next, changes));
}
