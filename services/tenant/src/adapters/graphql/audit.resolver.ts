import "reflect-metadata";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { type ChainedRecord } from "../../domain/audit.js";
import { type AuditFilter, type Page, type PageRequest } from "../../ports.js";
import { type ExportLink } from "../../usecases/export-audit-trail.js";
import {
  AuditRecordConnection,
  type AuditRecordType,
  AuditTrailArgs,
  ExportAuditTrailInput,
  ExportAuditTrailPayload,
  toAuditRecord,
} from "./audit.types.js";

export interface AuditUseCases {
  readonly readAuditTrail: (call: Call, page: PageRequest, filter: AuditFilter) => Promise<Page<ChainedRecord>>;
  readonly exportAuditTrail: (call: Call, input: { readonly fromSequence?: number }) => Promise<ExportLink>;
  /** Path and query that lead to the download. */
  readonly pathOf: (word: string) => string;
}

@Resolver()
export class AuditResolver {
  constructor(private readonly use: AuditUseCases) {}

  @Requires("audit:read")
  @Query(() => AuditRecordConnection, {
    description: "What happened and what was refused, newest first, in the caller's tenant; for staff also below it.",
  })
  async auditTrail(@Ctx() call: Call, @Args() args: AuditTrailArgs): Promise<Connection<AuditRecordType>> {
    return toConnection(await this.use.readAuditTrail(call, pageOf(args), filterOf(args)), toAuditRecord);
  }

  @Requires("audit:read")
  @Mutation(() => ExportAuditTrailPayload, {
    description:
      "A link to the caller's whole trail as JSON lines, which `npm run audit:verify` checks without this service. Fails with BAD_USER_INPUT/audit_sequence_unknown, CONFLICT/idempotency_mismatch.",
  })
  async exportAuditTrail(
    @Ctx() call: Call,
    @Arg("input") { fromSequence, idempotencyKey }: ExportAuditTrailInput,
  ): Promise<ExportAuditTrailPayload> {
    const once = { ...call, ...(idempotencyKey != null && { idempotencyKey }) };
    const { wanted, word } = await this.use.exportAuditTrail(once, { ...(fromSequence != null && { fromSequence }) });
    return { exportId: wanted.id, downloadPath: this.use.pathOf(word), expiresAt: wanted.expiresAt };
  }
}

/** What a client left out or gave as null narrows nothing. */
function filterOf({ tenantId, action, aggregateId, actorId }: AuditTrailArgs): AuditFilter {
  return {
    ...(tenantId != null && { tenantId }),
    ...(action != null && { action }),
    ...(aggregateId != null && { aggregateId }),
    ...(actorId != null && { actorId }),
  };
}
