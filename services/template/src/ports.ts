import { type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type KnownAtMeta, type SubmissionFailure, type Template } from "./domain/template.js";

export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** The `endCursor` of the page before. */
  readonly after?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly endCursor?: string;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}
export interface TemplateFilter {
  readonly wabaId?: string;
  readonly name?: string;
  readonly language?: string;
  readonly status?: string;
}

/** Every write keeps the template together with its events; another tenant's template reads as missing. */
export interface TemplateStore {
  /** @throws NOT_FOUND/template_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<Template>;
  /** In the order asked for; what the scope does not show is undefined. */
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (Template | undefined)[]>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter: TemplateFilter) => Promise<Page<Template>>;
  readonly findByMetaId: (scope: Scope, metaTemplateId: string) => Promise<Template | undefined>;
  /** The one that is not deleted. */
  readonly findByName: (scope: Scope, named: Named) => Promise<Template | undefined>;
  /**
   * With `call.idempotencyKey` and `once` a repeat returns the first template.
   * @throws CONFLICT/template_exists, CONFLICT/idempotency_mismatch.
   */
  readonly insert: (call: Call, template: Template, events: readonly DomainEvent[], once?: Once) => Promise<Template>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, template: Template, events: readonly DomainEvent[]) => Promise<Template>;
}
export interface Named {
  readonly wabaId: string;
  readonly name: string;
  readonly language: string;
}
interface Once {
  readonly mutation: string;
  readonly input: unknown;
}

/** An account of a tenant as far as templates need it. */
export interface LinkedWaba {
  /** Meta's id. */
  readonly wabaId: string;
  /** Onboarding's id of the same account. */
  readonly recordId: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly since: Date;
}

/** Which accounts belong to whom, kept from onboarding's events. */
export interface WabaDirectory {
  readonly find: (scope: Scope, wabaId: string) => Promise<LinkedWaba | undefined>;
  /** An older link never replaces a newer one. */
  readonly keep: (scope: Scope, waba: LinkedWaba) => Promise<void>;
}

/** Templates at Meta. Live tenants meet Meta itself, sandbox tenants a local one. */
export interface Whatsapp {
  /** A refusal is an answer, not an error. @throws PROVIDER_UNAVAILABLE/meta_unavailable when a later try may succeed. */
  readonly find: (call: Call, named: Named) => Promise<KnownAtMeta | RefusedByMeta | undefined>;
  /**
   * Not safe to repeat: look first. A refusal is an answer, not an error.
   * @throws PROVIDER_UNAVAILABLE/meta_unavailable when it may or may not have happened.
   */
  readonly create: (call: Call, template: Template) => Promise<KnownAtMeta | RefusedByMeta>;
}
export interface RefusedByMeta {
  readonly refused: Omit<SubmissionFailure, "at">;
  /** True when Meta says that the name and language exist: look again. */
  readonly exists: boolean;
}
