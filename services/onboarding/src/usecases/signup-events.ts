import {
  event,
  signupAbandoned,
  signupAdvanced,
  signupFailed,
  signupOverdue,
  type SignupStep,
} from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { type SignupCase } from "../domain/signup-case.js";

/** A step was finished, or the case waits for somebody else now. */
export const advanced = (one: SignupCase, done?: SignupStep, reason?: string): DomainEvent =>
  event(
    signupAdvanced,
    {
      caseId: one.id,
      ...(done !== undefined && { done }),
      ...(one.next !== undefined && { next: one.next }),
      waitsFor: one.waiting?.for ?? "",
      ...(one.waiting !== undefined && { waitsOn: one.waiting.actor }),
    },
    reason === undefined ? {} : { reason },
  );

export function failed(one: SignupCase): readonly DomainEvent[] {
  const { problem } = one;
  if (problem === undefined) return [];
  const data = {
    caseId: one.id,
    step: problem.step,
    ...(problem.code !== undefined && { providerCode: problem.code }),
    message: `${problem.message} ${problem.remedy}`,
  };
  return [event(signupFailed, data, { reason: problem.message })];
}

export function overdue(one: SignupCase): readonly DomainEvent[] {
  const { next, waiting } = one;
  if (next === undefined || waiting === undefined) return [];
  return [event(signupOverdue, { caseId: one.id, step: next, waitsFor: waiting.for, waitsOn: waiting.actor })];
}

export const abandoned = (one: SignupCase, reason: string): DomainEvent =>
  event(signupAbandoned, { caseId: one.id, ...(one.next !== undefined && { step: one.next }) }, { reason });
