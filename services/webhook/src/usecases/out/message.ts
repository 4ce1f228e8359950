import { type PublishedKind } from "@greentick/contracts";
import { type Endpoint, signingSecrets } from "../../domain/out/endpoint.js";
import { type Message, type Sealed, type SealedPlace, type Sign } from "../../ports/outgoing.js";
import { versionFor } from "./published.js";

export interface MessagePorts {
  readonly sealed: Sealed;
  readonly sign: Sign;
  readonly kinds: readonly PublishedKind[];
  readonly systemNow: () => Date;
}

export const secretPlace = ({ tenantId, id }: Endpoint, name: string): SealedPlace => ({
  tenantId,
  record: id,
  field: `webhook_secret/${name}`,
});

/** The version of a kind's payload that this endpoint gets. */
export const versionOf = ({ kinds }: MessagePorts, { payloadVersion }: Endpoint, kind: string): number =>
  versionFor(kinds, kind, payloadVersion);

/**
 * A message as it goes out now: the time of the signature is that of the try, in system time. Undefined when the tenant's keys are destroyed:
 * then nothing can be signed, and nothing may be sent.
 */
export async function messageFor(
  ports: MessagePorts,
  endpoint: Endpoint,
  { id, body }: { readonly id: string; readonly body: string },
): Promise<Message | undefined> {
  const at = ports.systemNow();
  const opened = await Promise.all(
    signingSecrets(endpoint, at).map(({ name, sealed }) => ports.sealed.open(secretPlace(endpoint, name), sealed)),
  );
  const secrets = opened.filter((one) => one !== undefined);
  if (secrets.length === 0) return undefined;
  return {
    url: endpoint.url,
    livemode: endpoint.livemode,
    body,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Greentick-Webhooks/1",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": ports.sign(secrets, { id, at, body }),
    },
  };
}
