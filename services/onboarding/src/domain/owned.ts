import { type TenantId } from "@greentick/kernel";

/** What every aggregate has beside its own state. `version` is zero before the first save. */
export interface Owned {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
}

/** A copy without one of its properties. */
export function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}

/** A value that only its tenant's key opens, as base64 text. Never shown, never logged. */
export type Sealed = string & { readonly __sealed: true };
