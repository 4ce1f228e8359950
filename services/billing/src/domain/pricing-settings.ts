import { type TenantId } from "@greentick/kernel";

/** What an organisation has decided about the prices of everybody below it. One per organisation; its id is the organisation's. */
export interface PricingSettings {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  /** The least share of a charge that must be left after Meta's cost: 500 is 5 %. Absent: no floor. */
  readonly floorBasisPoints?: number;
}
