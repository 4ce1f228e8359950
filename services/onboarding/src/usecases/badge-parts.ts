import { type Call, tenantScope } from "@greentick/kernel";
import { type BadgeEvidence } from "../domain/badge-evidence.js";
import { type Readiness, readiness } from "../domain/badge-readiness.js";
import { type BadgeRequest } from "../domain/badge-request.js";
import { type OnboardingPorts } from "../ports.js";

type Ports = Pick<OnboardingPorts, "numbers" | "wabas">;

/** Judges the eligibility rules for any set of evidence, with what is known of number and account now. */
export async function judgeOf(
  ports: Ports,
  call: Call,
  one: BadgeRequest,
): Promise<(evidence: readonly BadgeEvidence[]) => Readiness> {
  const scope = { tenant: one.tenantId, ancestors: one.ancestorIds };
  const number = await ports.numbers.get(scope, one.numberRecordId);
  const waba = await ports.wabas.get(scope, number.wabaRecordId);
  const { websiteUrl } = one.application;
  return (evidence) => readiness({ number, waba, websiteUrl, evidence }, call.now());
}

export const badgeOf = ({ badges }: Pick<OnboardingPorts, "badges">, call: Call, id: string): Promise<BadgeRequest> =>
  badges.get(tenantScope(call), id);
