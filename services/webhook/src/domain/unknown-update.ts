import { type TenantId } from "@greentick/kernel";

/** An update that no service reads yet: kept, counted, and shown by reference to its body. */
export interface UnknownUpdate {
  /** `<body key>:<index>`. */
  readonly id: string;
  /** Meta's name of the webhook field. */
  readonly field: string;
  /** What our reader takes it for; `unknown` where it knows nothing of it. */
  readonly kind: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly at: Date;
}

export interface UnknownKind {
  readonly field: string;
  readonly kind: string;
  readonly updates: number;
}
