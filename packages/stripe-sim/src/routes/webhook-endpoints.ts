import { refusals } from "../http/errors.js";
import { page } from "../http/page.js";
import { list, must, oneOf, type Parsed, text } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { type Ids } from "../lib/ids.js";
import { without } from "../lib/without.js";
import { apiVersion, type WebhookEndpoint } from "../shapes.js";
import { type StoredEndpoint } from "../store/kinds.js";

/** The secret is shown once, by the answer to the creation. */
const renderEndpoint = (endpoint: StoredEndpoint): WebhookEndpoint => without(endpoint, "secret");

export function checkedUrl(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol !== "http:" && protocol !== "https:")
    throw refusals.invalidParameter(
      "url",
      "Invalid URL: An explicit scheme (such as https) must be provided.",
      "url_invalid",
    );
  return url;
}

export interface NewEndpoint {
  readonly url: string;
  readonly secret?: string | undefined;
  readonly enabledEvents?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Record<string, string>;
}

export const endpointOf = (ids: Ids, created: number, given: NewEndpoint): StoredEndpoint => ({
  id: ids.next("we"),
  object: "webhook_endpoint",
  api_version: apiVersion,
  application: null,
  created,
  description: given.description ?? null,
  enabled_events: [...(given.enabledEvents ?? ["*"])],
  livemode: false,
  metadata: given.metadata ?? {},
  secret: given.secret ?? ids.next("whsec"),
  status: "enabled",
  url: checkedUrl(given.url),
});

const createParams = {
  enabled_events: must(list(text(), 500)),
  url: must(text()),
  api_version: oneOf(apiVersion),
  description: text(),
  metadata,
};

async function create({ unit }: Context, params: Parsed<typeof createParams>): Promise<WebhookEndpoint> {
  const endpoint = endpointOf(unit.ids, unit.now, {
    ...params,
    enabledEvents: params.enabled_events,
    metadata: mergeMetadata({}, params.metadata),
  });
  await unit.put("webhook_endpoints", endpoint);
  return endpoint;
}

async function getEndpoint({ unit, id }: Context): Promise<StoredEndpoint> {
  const endpoint = await unit.get("webhook_endpoints", id);
  if (!endpoint || endpoint.status === "deleted") throw refusals.missing("webhook endpoint", id);
  return endpoint;
}

/** The row stays, marked, so that kept deliveries still know where they went; nothing more is sent there. */
async function remove(context: Context): Promise<object> {
  const endpoint = await getEndpoint(context);
  await context.unit.put("webhook_endpoints", { ...endpoint, status: "deleted" });
  return { id: endpoint.id, object: "webhook_endpoint", deleted: true };
}

export const webhookEndpointRoutes: readonly Route[] = [
  route("POST /v1/webhook_endpoints", createParams, create),
  route("GET /v1/webhook_endpoints/:id", {}, async (context) => renderEndpoint(await getEndpoint(context))),
  route("DELETE /v1/webhook_endpoints/:id", {}, remove),
  route("GET /v1/webhook_endpoints", paging, async (context, params) => {
    const url = "/v1/webhook_endpoints";
    const fields = { status: "enabled" };
    const found = await page(context, {
      kind: "webhook_endpoints",
      what: "webhook endpoint",
      url,
      fields,
      paging: params,
    });
    return { ...found, data: found.data.map(renderEndpoint) };
  }),
];
