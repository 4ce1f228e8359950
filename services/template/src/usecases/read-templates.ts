import { allow, type Call, tenantScope } from "@greentick/kernel";
import { type Template } from "../domain/template.js";
import {
  type LinkedWaba,
  type Page,
  type PageRequest,
  type TemplateFilter,
  type TemplateStore,
  type WabaDirectory,
} from "../ports.js";
import { inSight } from "./templates-in-sight.js";

export type ReadTemplates = (call: Call, ids: readonly string[]) => Promise<readonly (Template | undefined)[]>;

export const readTemplates =
  ({ templates }: { readonly templates: TemplateStore }): ReadTemplates =>
  async (call, ids) => {
    allow(call, "template:read");
    return templates.getMany(inSight(call), ids);
  };

export type ListTemplates = (call: Call, page: PageRequest, filter: TemplateFilter) => Promise<Page<Template>>;

/** Newest first; staff see all below their tenant. */
export const listTemplates =
  ({ templates }: { readonly templates: TemplateStore }): ListTemplates =>
  async (call, page, filter) => {
    allow(call, "template:read");
    return templates.list(inSight(call), page, filter);
  };

export type WabaOf = (call: Call, wabaId: string) => Promise<LinkedWaba | undefined>;

/** The account of a template in the caller's sight, as far as onboarding told. */
export const wabaOf =
  ({ wabas }: { readonly wabas: WabaDirectory }): WabaOf =>
  async (call, wabaId) => {
    allow(call, "template:read");
    return wabas.find(inSight(call), wabaId);
  };

export type NoteWaba = (call: Call, link: Pick<LinkedWaba, "wabaId" | "recordId" | "since">) => Promise<void>;

/** Keeps that an account belongs to the call's tenant. */
export const noteWaba =
  ({ wabas }: { readonly wabas: WabaDirectory }): NoteWaba =>
  async (call, link) => {
    allow(call, "template:write");
    const { tenantId, ancestorIds, livemode } = call;
    await wabas.keep(tenantScope(call), { ...link, tenantId, ancestorIds, livemode });
  };
