import {
  endpointChanged,
  endpointCreated,
  endpointDeleted,
  endpointDisabled,
  endpointEnabled,
  endpointSecretRotated,
  event,
  type PublishedKind,
} from "@greentick/contracts";
import { allow, type Call, type DomainEvent, type EndpointId, tenantScope } from "@greentick/kernel";
import {
  changeEndpoint,
  checkedSettings,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  type Endpoint,
  endpointLimits,
  type EndpointSettings,
  olderSecretUntil,
  rotateSecret,
  type SealedSecret,
  usualSettings,
} from "../../domain/out/endpoint.js";
import { endpointErrors } from "../../domain/out/errors.js";
import { matching } from "../../domain/out/kinds.js";
import { hostOf, type UrlRules } from "../../domain/out/url.js";
import { type EndpointStore, type Line, type Sealed } from "../../ports/outgoing.js";
import { secretPlace } from "./message.js";

export interface ManagePorts {
  readonly endpoints: EndpointStore;
  readonly line: Pick<Line, "stir" | "drop">;
  readonly sealed: Sealed;
  readonly kinds: readonly PublishedKind[];
  readonly urls: Pick<UrlRules, "allowPrivate" | "addressProblem">;
  /** `whsec_…`, new each time. */
  readonly newSecret: () => string;
}

/** An endpoint, and its secret where that was just made: nothing can tell it again. */
export interface ShownEndpoint {
  readonly endpoint: Endpoint;
  readonly secret?: string;
}

/** Whoever has events sent somewhere must be allowed to read them. @throws FORBIDDEN/permission_missing naming the first word that is missing. */
export function allowKinds(call: Call, kinds: readonly PublishedKind[], patterns: readonly string[]): void {
  const wanted = new Set(
    matching(
      patterns,
      kinds.map(({ kind }) => kind),
    ),
  );
  const words = new Set(kinds.filter(({ kind }) => wanted.has(kind)).map(({ permission }) => permission));
  for (const word of words) allow(call, word);
}

const aboutOf = (endpoint: Endpoint): { endpointId: EndpointId; host: string } => ({
  endpointId: endpoint.id,
  host: hostOf(endpoint.url),
});

type Wanted = Partial<EndpointSettings>;

const settingsOf = ({ kinds, urls }: ManagePorts, call: Call, wanted: EndpointSettings): EndpointSettings =>
  checkedSettings(wanted, {
    ...urls,
    livemode: call.livemode,
    published: [...new Set(kinds.map(({ kind }) => kind))],
    payloadVersions: [...new Set(kinds.map(({ version }) => version))].sort((a, b) => a - b),
  });

const newestVersion = (kinds: readonly PublishedKind[]): number => Math.max(...kinds.map(({ version }) => version));

async function sealedSecret(
  ports: ManagePorts,
  call: Call,
  endpoint: Endpoint,
): Promise<{ text: string; kept: SealedSecret }> {
  const text = ports.newSecret();
  const name = call.newId("event");
  const sealed = await ports.sealed.seal(secretPlace(endpoint, name), text);
  return { text, kept: { name, sealed, createdAt: call.systemNow() } };
}

export type CreateEndpoint = (
  call: Call,
  wanted: Wanted & Pick<EndpointSettings, "url" | "kinds">,
) => Promise<ShownEndpoint>;

/** A repeat under the same `call.idempotencyKey` returns the endpoint without its secret. @throws BAD_USER_INPUT, CONFLICT/too_many_endpoints. */
export const createEndpoint =
  (ports: ManagePorts): CreateEndpoint =>
  async (call, wanted) => {
    allow(call, "endpoint:write");
    const settings = settingsOf(ports, call, {
      payloadVersion: newestVersion(ports.kinds),
      ...usualSettings,
      ...wanted,
    });
    allowKinds(call, ports.kinds, settings.kinds);
    const { tenantId, ancestorIds, livemode } = call;
    const id = call.newId("endpoint");
    const place = { id, tenantId, ancestorIds, livemode, version: 0, createdAt: call.now(), createdBy: call.actor };
    const blank: Endpoint = { ...place, ...settings, status: "enabled", secrets: [] };
    const { text, kept } = await sealedSecret(ports, call, blank);
    const endpoint = { ...blank, secrets: [kept] };
    const told = { ...aboutOf(endpoint), kinds: [...endpoint.kinds], ordered: endpoint.ordered };
    const made = await ports.endpoints.insert(call, endpoint, {
      events: [event(endpointCreated, told)],
      input: wanted,
    });
    if (made.id !== id) return { endpoint: made };
    await keepWithinLimit(ports, call, made);
    call.log.info({ endpointId: id }, "webhook endpoint created");
    return { endpoint: made, secret: text };
  };

/** Looked at after the insert, so that a repeat of the last one that fits still gets it, and two at once do not both slip in. */
async function keepWithinLimit({ endpoints }: ManagePorts, call: Call, made: Endpoint): Promise<void> {
  const { length } = await endpoints.ofTenant(tenantScope(call));
  if (length <= endpointLimits.perTenant) return;
  await endpoints.save(call, deleteEndpoint(made), [event(endpointDeleted, aboutOf(made))]);
  throw endpointErrors.tooMany(endpointLimits.perTenant);
}

export type ChangeEndpoint = (call: Call, id: string, wanted: Wanted) => Promise<Endpoint>;

/** What is not given stays. @throws BAD_USER_INPUT, NOT_FOUND/endpoint_not_found. */
export const updateEndpoint =
  (ports: ManagePorts): ChangeEndpoint =>
  async (call, id, wanted) => {
    allow(call, "endpoint:write");
    const before = await ports.endpoints.get(tenantScope(call), id);
    const settings = settingsOf(ports, call, { ...before, ...wanted });
    allowKinds(call, ports.kinds, settings.kinds);
    const { endpoint, changes } = changeEndpoint(before, settings);
    if (changes.length === 0) return before;
    const told = { ...aboutOf(endpoint), changes: [...changes] };
    const saved = await ports.endpoints.save(call, endpoint, [event(endpointChanged, told)]);
    call.log.info({ endpointId: id, fields: changes.map(({ field }) => field) }, "webhook endpoint changed");
    return saved;
  };

export type MoveEndpoint = (call: Call, id: string) => Promise<Endpoint>;

function enabled({ endpoints }: ManagePorts, call: Call, before: Endpoint): Promise<Endpoint> {
  const after = enableEndpoint(before);
  return endpoints.save(call, after, [event(endpointEnabled, aboutOf(after))]);
}

/** What waited goes out. Safe to repeat: a repeat does what the first one was kept from after it was written. @throws CONFLICT/tenant_closed. */
export const enableWebhooks =
  (ports: ManagePorts): MoveEndpoint =>
  async (call, id) => {
    allow(call, "endpoint:write");
    const before = await ports.endpoints.get(tenantScope(call), id);
    const saved = before.status === "enabled" ? before : await enabled(ports, call, before);
    await ports.line.stir(tenantScope(call), saved, call.now());
    return saved;
  };

/** Safe to repeat. */
export const disableWebhooks =
  (ports: Pick<ManagePorts, "endpoints">): MoveEndpoint =>
  async (call, id) => {
    allow(call, "endpoint:write");
    const before = await ports.endpoints.get(tenantScope(call), id);
    return before.status === "disabled" ? before : ports.endpoints.save(call, ...disabled(call, before, "asked"));
  };

/** A disabled endpoint and what is told of it. */
export function disabled(
  call: Call,
  endpoint: Endpoint,
  ...[because, failingSince]: [because: NonNullable<Endpoint["disabled"]>["because"], failingSince?: Date]
): [Endpoint, readonly DomainEvent[]] {
  const since = failingSince && { failingSince };
  const after = disableEndpoint(endpoint, { at: call.now(), because, ...since });
  const told = { ...aboutOf(endpoint), description: endpoint.description, because, ...since };
  return [after, [event(endpointDisabled, told, { reason: because })]];
}

/** With all that waited for it; the log of what was sent stays for its time. Safe to repeat. */
export const deleteWebhooks =
  (ports: ManagePorts): MoveEndpoint =>
  async (call, id) => {
    allow(call, "endpoint:write");
    const before = await ports.endpoints.find(tenantScope(call), id);
    if (before === undefined) throw endpointErrors.notFound(id);
    const gone =
      before.status === "deleted"
        ? before
        : await ports.endpoints.save(call, deleteEndpoint(before), [event(endpointDeleted, aboutOf(before))]);
    await ports.line.drop(tenantScope(call), gone.id);
    return gone;
  };

export type RotateSecret = (
  call: Call,
  input: { readonly endpointId: string; readonly overlapMinutes?: number },
) => Promise<ShownEndpoint>;

const dayMinutes = 1_440;

/**
 * Until the overlap ends messages bear both signatures. A repeat under the same `call.idempotencyKey` changes nothing and shows no secret.
 * @throws NOT_FOUND/endpoint_not_found, BAD_USER_INPUT, CONFLICT/too_many_secrets.
 */
export const rotateWebhookSecret =
  (ports: ManagePorts): RotateSecret =>
  async (call, { endpointId, overlapMinutes = dayMinutes }) => {
    allow(call, "endpoint:write");
    const before = await ports.endpoints.get(tenantScope(call), endpointId);
    allowKinds(call, ports.kinds, before.kinds);
    const request = { mutation: "rotateWebhookSecret", input: { endpointId, overlapMinutes } };
    const { endpoint, done } = ports.endpoints.once(call, before, request);
    if (done) return { endpoint };
    const { text, kept } = await sealedSecret(ports, call, endpoint);
    const systemNow = call.systemNow();
    const after = rotateSecret(endpoint, kept, { overlapMinutes, systemNow });
    const oldSecretUntil = olderSecretUntil(after, systemNow) ?? systemNow;
    const told = event(endpointSecretRotated, { ...aboutOf(after), oldSecretUntil });
    return { endpoint: await ports.endpoints.save(call, after, [told]), secret: text };
  };
