import { z } from "zod";
import { defineEvent } from "./define.js";
import { fieldChange, instant } from "./shapes.js";

/** Why an endpoint gets nothing any more: asked for, nothing but failures for days, it answered 410, or its business was closed. */
export const endpointEndings = ["asked", "failing", "gone", "tenant_closed"] as const;

/** The address itself may hold a secret in its path: only the host travels. */
const aboutEndpoint = { endpointId: z.string(), host: z.string() };

export const endpointCreated = defineEvent(
  "endpoint.created",
  1,
  "A tenant wants its events sent to an address.",
  z.object({ ...aboutEndpoint, kinds: z.array(z.string()), ordered: z.boolean() }),
);
export const endpointChanged = defineEvent(
  "endpoint.changed",
  1,
  "A tenant changed what an endpoint gets or how; the address is told by its host alone.",
  z.object({ ...aboutEndpoint, changes: z.array(fieldChange) }),
);
export const endpointEnabled = defineEvent(
  "endpoint.enabled",
  1,
  "An endpoint gets events again; what waited for it goes out.",
  z.object(aboutEndpoint),
);
export const endpointDisabled = defineEvent(
  "endpoint.disabled",
  1,
  "An endpoint gets nothing until it is enabled again; what waits for it waits.",
  z.object({
    ...aboutEndpoint,
    description: z.string(),
    because: z.enum(endpointEndings),
    /** Business time of the first failure since the last success. */
    failingSince: instant.optional(),
  }),
);
export const endpointDeleted = defineEvent(
  "endpoint.deleted",
  1,
  "An endpoint is gone, with its secret and all that waited for it.",
  z.object(aboutEndpoint),
);
export const endpointSecretRotated = defineEvent(
  "endpoint.secret_rotated",
  1,
  "An endpoint's messages are signed with a new secret; until the given time with the old one as well.",
  z.object({ ...aboutEndpoint, oldSecretUntil: instant }),
);
export const endpointTested = defineEvent(
  "endpoint.tested",
  1,
  "A sample event was sent to an endpoint.",
  z.object({ ...aboutEndpoint, kind: z.string(), deliveryId: z.string() }),
);
export const deliveriesRepeated = defineEvent(
  "endpoint.deliveries_repeated",
  1,
  "Deliveries of an endpoint were asked for once more.",
  z.object({ ...aboutEndpoint, count: z.number().int() }),
);
