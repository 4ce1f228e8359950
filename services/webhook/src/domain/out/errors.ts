import { AppError } from "@greentick/kernel";

/** Everything that can go wrong with a tenant's own webhooks. */
export const endpointErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "endpoint_not_found", `There is no endpoint ${id}.`, { endpointId: id }),
  deliveryNotFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "delivery_not_found", `There is no delivery ${id}, or it is not kept any more.`, {
      deliveryId: id,
    }),
  tooMany: (most: number): AppError =>
    new AppError(
      "CONFLICT",
      "too_many_endpoints",
      `A business has at most ${most} endpoints. Delete one that is not needed, or subscribe one of them to more kinds.`,
      { most },
    ),
  tooManySecrets: (id: string, most: number, until: Date): AppError =>
    new AppError(
      "CONFLICT",
      "too_many_secrets",
      `${most} secrets of ${id} sign at once, and no more can: rotate again after ${until.toISOString()}, or with overlapMinutes 0, which ends all former ones now.`,
      { endpointId: id, most, until: until.toISOString() },
    ),
  tenantClosed: (id: string): AppError =>
    new AppError("CONFLICT", "tenant_closed", `The business of ${id} is closed: nothing is sent any more.`, {
      endpointId: id,
    }),
  disabled: (id: string): AppError =>
    new AppError("CONFLICT", "endpoint_disabled", `${id} is disabled: enable it before something is sent to it.`, {
      endpointId: id,
    }),
  unknownKind: (kind: string): AppError =>
    new AppError("BAD_USER_INPUT", "unknown_kind", `"${kind}" is no kind of event; \`eventKinds\` lists them all.`, {
      kind,
    }),
  tooManyAtOnce: (most: number): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "range_too_large",
      `More than ${most} deliveries fall into this range. Ask for a shorter one, and for the next when it is done.`,
      { most },
    ),
};
