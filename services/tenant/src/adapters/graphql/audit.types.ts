import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { type ChainedRecord } from "../../domain/audit.js";
import { ActorType } from "./types.js";

@ArgsType()
export class AuditTrailArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  tenantId?: string | null;

  @Field(() => String, { nullable: true, description: "An event's name, e.g. `audit.refused`." })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: "What it was done to." })
  aggregateId?: string | null;

  @Field(() => ID, { nullable: true, description: "Who did it." })
  actorId?: string | null;
}

@ObjectType("AuditFact", { description: "One plain word about what happened." })
export class AuditFactType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType("AuditChange", { description: "A field before and after; null where there was or is no value." })
export class AuditChangeType {
  @Field(() => String)
  field!: string;

  @Field(() => String, { nullable: true })
  from?: string;

  @Field(() => String, { nullable: true })
  to?: string;
}

@ObjectType("AuditRecord", {
  description: "One line of the trail: who did what to what, when and why. Never a secret, never message text.",
})
export class AuditRecordType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => String, {
    description: "The event's name, e.g. `template.advanced`; `audit.refused` for a refused attempt.",
  })
  action!: string;

  @Field(() => ActorType)
  actor!: ActorType;

  @Field(() => ActorType, { nullable: true })
  onBehalfOf?: ActorType;

  @Field(() => String)
  aggregateType!: string;

  @Field(() => ID)
  aggregateId!: string;

  @Field(() => Int)
  aggregateVersion!: number;

  @Field(() => DateTime, { description: "Business time of the tenant." })
  occurredAt!: Date;

  @Field(() => DateTime, { description: "System time." })
  recordedAt!: Date;

  @Field(() => String, { nullable: true })
  reason?: string;

  @Field(() => ID, { description: "Leads to the log." })
  requestId!: string;

  @Field(() => String, { nullable: true, description: "SHA-256 of the webhook body behind it, in hex." })
  webhookSha256?: string;

  @Field(() => [AuditFactType])
  facts!: AuditFactType[];

  @Field(() => Int, { description: "Its place in the tenant's chain: counts from 1 without gaps." })
  sequence!: number;

  @Field(() => String, {
    description: "SHA-256 in hex over this record and the hash before it; an export shows how it is made and checked.",
  })
  hash!: string;

  @Field(() => String, { description: "Of the record before; 64 zeros for the first." })
  previousHash!: string;

  @Field(() => String, { nullable: true, description: "The address that asked; null for work of the platform's own." })
  ip?: string;

  @Field(() => ID, { nullable: true, description: "The API key that asked, when one did." })
  keyId?: string;

  @Field(() => [AuditChangeType], { description: "Harmless fields before and after." })
  changes!: readonly AuditChangeType[];

  @Field(() => Boolean, {
    description: "True when address and changes were erased with the tenant. The chain holds without them.",
  })
  erased!: boolean;
}
export const AuditRecordConnection = connectionOf("AuditRecord", AuditRecordType);

export const toAuditRecord = ({ facts, ...record }: ChainedRecord): AuditRecordType => ({
  ...record,
  facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
});

@InputType()
export class ExportAuditTrailInput {
  @Field(() => Int, {
    nullable: true,
    description: "Leaves out what an earlier export has. Default: 1, the beginning.",
  })
  fromSequence?: number | null;

  @Field(() => String, { nullable: true, description: "The same key gives the same link." })
  idempotencyKey?: string | null;
}

@ObjectType()
export class ExportAuditTrailPayload {
  @Field(() => ID)
  exportId!: string;

  @Field(() => String, {
    description:
      "Path and query of the download, on the host of this API or, where services run apart, of the tenant service. Works once, for whoever has it.",
  })
  downloadPath!: string;

  @Field(() => DateTime, { description: "System time after which the link is no longer good." })
  expiresAt!: Date;
}
