import { timingSafeEqual } from "node:crypto";
import { type AskStanding } from "@greentick/contracts";
import { systemScope } from "@greentick/kernel";
import { type Outside, type RefusalAudit } from "@greentick/runtime";
import { auditConsumer } from "../adapters/events/audit.js";
import { AuditResolver } from "../adapters/graphql/audit.resolver.js";
import { auditExportRoute, exportPath } from "../adapters/http/audit-export.js";
import { statementSigner } from "../adapters/jwt/statement-signer.js";
import { mongoAnchorStore } from "../adapters/mongo/anchor-store.js";
import { mongoAuditStore } from "../adapters/mongo/audit-store.js";
import { chainReader } from "../adapters/mongo/chain-reader.js";
import { exportCollection, mongoExportStore } from "../adapters/mongo/export-store.js";
import { type AuditExport, exportErrors } from "../domain/audit-export.js";
import { signingKeyAt } from "../domain/signing-keys.js";
import { type AnchorStore, type ChainReader, type LinkSecret, type SignStatement } from "../ports/audit.js";
import { type ApiKeyStore } from "../ports/keys.js";
import { type SigningKeyStore, type TenantStore } from "../ports.js";
import { genesis } from "../trail/record.js";
import { trailLines } from "../trail/write.js";
import { anchorTrails } from "../usecases/anchor-trails.js";
import { exportAuditTrail, findExport, mayStillRead, takeExport } from "../usecases/export-audit-trail.js";
import { keepAudit } from "../usecases/keep-audit.js";
import { readAuditTrail } from "../usecases/read-audit-trail.js";
import { type Room } from "./room.js";

export interface AuditParts {
  readonly outside: Outside;
  readonly refusals: RefusalAudit;
  /** The deployment's signing keys, all that ever were: old anchors stay verifiable. */
  readonly keys: SigningKeyStore;
  readonly tenants: Pick<TenantStore, "getMany">;
  /** What a credential is worth now: a link is good only as long as its asker's. */
  readonly standing: AskStanding;
  readonly apiKeys: Pick<ApiKeyStore, "get">;
}

/** Looks for new chains, and whether the day has changed. */
const lookEveryMs = 600_000;

/** The audit trail: a chain of records for each tenant, its signed daily heads, and the way out of it as a file. */
export function auditTrail(parts: AuditParts): Room {
  const { outside, keys, tenants } = parts;
  const { refusing } = parts.refusals;
  const { database, clocks, log } = outside;
  const audit = mongoAuditStore(outside);
  const chains = chainReader(outside);
  const anchors = mongoAnchorStore(database);
  const exports = mongoExportStore(database);
  const sign = signer(outside, keys);
  const secretOf: LinkSecret = (id) => outside.sealer.blindKey("audit_export", id);
  const run = anchorTrails({
    chains,
    anchors,
    sign,
    now: clocks.system,
    told: (facts) => {
      log.info(facts, "audit trail anchored");
    },
  });
  const resolver = new AuditResolver({
    readAuditTrail: refusing("readAuditTrail", readAuditTrail({ audit })),
    exportAuditTrail: refusing("exportAuditTrail", exportAuditTrail({ exports, chains, secretOf })),
    pathOf: (word) => `${exportPath}?link=${word}`,
  });
  const route = auditExportRoute({
    find: findExport({ exports, isSecretOf: (id, secret) => same(secretOf(id), secret) }),
    take: takeExport({ exports, mayStillRead: mayStillRead({ ...parts, now: clocks.system }) }),
    lines: exportedLines({ outside, chains, anchors, keys, tenants, sign }),
    callOf: (one, ip) => ({ ...outside.calls.system("tenant", one), ...(ip !== undefined && { ip }) }),
  });
  return {
    resolvers: [resolver],
    routes: [route],
    handlers: [auditConsumer(keepAudit({ audit }))],
    jobs: [{ name: "tenant.audit-anchors", everyMs: lookEveryMs, run }],
    stores: [audit, anchors, exports],
    collections: [exportCollection],
  };
}

const same = (one: string, other: string): boolean =>
  one.length === Buffer.byteLength(other) && timingSafeEqual(Buffer.from(one), Buffer.from(other));

function signer({ sealer, clocks }: Outside, keys: SigningKeyStore): SignStatement {
  const signWith = statementSigner(sealer);
  return async (statement) => {
    const key = signingKeyAt(await keys.all(), clocks.system());
    if (key === undefined) throw new Error("No signing key signs yet, so no statement about a trail can be made.");
    return signWith(key, statement);
  };
}

interface LineParts extends Pick<AuditParts, "outside" | "keys" | "tenants"> {
  readonly chains: ChainReader;
  readonly anchors: AnchorStore;
  readonly sign: SignStatement;
}

/** Anchors are read before the chain's end is: so none of them is beyond it, unless the chain was cut. */
const exportedLines = ({ outside, chains, anchors, keys, tenants, sign }: LineParts) =>
  async function* ({ tenantId, firstSequence }: AuditExport): AsyncGenerator<string> {
    const scope = systemScope("audit-download");
    const previous = firstSequence === 1 ? genesis : await chains.hashAt(scope, tenantId, firstSequence - 1);
    if (previous === undefined) throw exportErrors.beyond(firstSequence - 1);
    yield* trailLines({
      tenantId,
      firstSequence,
      previousHash: previous,
      exportedAt: outside.clocks.system(),
      keys: { keys: (await keys.all()).map(({ publicKey }) => ({ ...publicKey })) },
      anchors: anchors.of(scope, tenantId),
      records: chains.records(scope, tenantId, firstSequence),
      erasedAt: async () => (await tenants.getMany(scope, [tenantId]))[0]?.erasedAt,
      sign,
    });
  };
