import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { jsonSchemaOf, type PublishedKind } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type Endpoint, type EndpointSettings } from "../../domain/out/endpoint.js";
import {
  type CreateEndpoint,
  type ChangeEndpoint,
  type MoveEndpoint,
  type RotateSecret,
  type ShownEndpoint,
} from "../../usecases/out/manage-endpoints.js";
import { type EndpointHealth, type ListEndpoints } from "../../usecases/out/read-deliveries.js";
import {
  CreateWebhookEndpointInput,
  DeleteWebhookEndpointPayload,
  EventKind,
  RotateWebhookSecretInput,
  toEndpoint,
  UpdateWebhookEndpointInput,
  WebhookEndpoint,
  WebhookEndpointConnection,
  WebhookEndpointHealth,
  WebhookEndpointInput,
  WebhookEndpointPayload,
  WebhookEndpointsArgs,
  WebhookEndpointSecretPayload,
} from "./endpoint.types.js";

export interface EndpointUseCases {
  readonly list: ListEndpoints;
  readonly read: (call: Call, id: string) => Promise<Endpoint>;
  readonly health: (call: Call, id: string) => Promise<EndpointHealth>;
  readonly kinds: (call: Call) => readonly PublishedKind[];
  readonly create: CreateEndpoint;
  readonly update: ChangeEndpoint;
  readonly enable: MoveEndpoint;
  readonly disable: MoveEndpoint;
  readonly remove: MoveEndpoint;
  readonly rotate: RotateSecret;
}

type Given = Partial<Readonly<Record<keyof EndpointSettings, unknown>>>;

/** What was given, without what was left out or null. */
function given(input: Given): Partial<EndpointSettings> {
  const { url, kinds, description, ordered, ratePerSecond, concurrency, payloadVersion } = input;
  const all = { url, kinds, description, ordered, ratePerSecond, concurrency, payloadVersion };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value != null));
}

const shown = (endpoint: Endpoint, call: Call): WebhookEndpointPayload => ({
  endpoint: toEndpoint(endpoint, call.systemNow()),
});

const shownSecret = ({ endpoint, secret }: ShownEndpoint, call: Call): WebhookEndpointSecretPayload => ({
  endpoint: toEndpoint(endpoint, call.systemNow()),
  ...(secret !== undefined && { secret }),
});

@Resolver(() => WebhookEndpoint)
export class EndpointResolver {
  constructor(private readonly use: EndpointUseCases) {}

  @Requires("endpoint:read")
  @Query(() => WebhookEndpointConnection, { description: "Endpoints of the caller's business, newest first." })
  async webhookEndpoints(@Args() args: WebhookEndpointsArgs, @Ctx() call: Call): Promise<Connection<WebhookEndpoint>> {
    const page = await this.use.list(call, pageOf(args), args.status == null ? {} : { status: args.status });
    return toConnection(page, (endpoint) => toEndpoint(endpoint, call.systemNow()));
  }

  @Requires("endpoint:read")
  @Query(() => WebhookEndpoint, { description: "Fails with NOT_FOUND/endpoint_not_found." })
  async webhookEndpoint(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<WebhookEndpoint> {
    return toEndpoint(await this.use.read(call, id), call.systemNow());
  }

  @Requires("event:read")
  @Query(() => [EventKind], { description: "Every kind of event that can be sent: the published catalogue." })
  eventKinds(@Ctx() call: Call): EventKind[] {
    return this.use.kinds(call).map((one) => ({
      kind: one.kind,
      version: one.version,
      description: one.meaning,
      permission: one.permission,
      jsonSchema: JSON.stringify(jsonSchemaOf(one)),
      example: JSON.stringify(one.example),
    }));
  }

  @Requires("endpoint:read")
  @FieldResolver(() => WebhookEndpointHealth, { description: "How it is doing." })
  async health(@Root() { id }: WebhookEndpoint, @Ctx() call: Call): Promise<WebhookEndpointHealth> {
    const { counts, ...rest } = await this.use.health(call, id);
    return { deliveries: counts, ...rest };
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookEndpointSecretPayload, {
    description:
      "Has events sent to an address from now on. Fails with BAD_USER_INPUT/invalid_input, FORBIDDEN/permission_missing for kinds the caller may not read, CONFLICT/too_many_endpoints, CONFLICT/idempotency_mismatch.",
  })
  async createWebhookEndpoint(
    @Arg("input", () => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput,
    @Ctx() call: Call,
  ): Promise<WebhookEndpointSecretPayload> {
    const { url, kinds, idempotencyKey } = input;
    const once = { ...call, ...(idempotencyKey != null && { idempotencyKey }) };
    return shownSecret(await this.use.create(once, { ...given(input), url, kinds }), call);
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookEndpointPayload, {
    description:
      "Changes what an endpoint gets or how; in force with the next message. Fails with NOT_FOUND/endpoint_not_found, BAD_USER_INPUT/invalid_input, FORBIDDEN/permission_missing.",
  })
  async updateWebhookEndpoint(
    @Arg("input", () => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput,
    @Ctx() call: Call,
  ): Promise<WebhookEndpointPayload> {
    return shown(await this.use.update(call, input.endpointId, given(input)), call);
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookEndpointPayload, {
    description:
      "What waits goes out; what happened meanwhile is sent by `redeliverWebhooks` (MISSED). Safe to repeat. Fails with NOT_FOUND/endpoint_not_found, CONFLICT/tenant_closed.",
  })
  async enableWebhookEndpoint(
    @Arg("input", () => WebhookEndpointInput) { endpointId }: WebhookEndpointInput,
    @Ctx() call: Call,
  ): Promise<WebhookEndpointPayload> {
    return shown(await this.use.enable(call, endpointId), call);
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookEndpointPayload, {
    description: "Nothing is sent until it is enabled again. Safe to repeat. Fails with NOT_FOUND/endpoint_not_found.",
  })
  async disableWebhookEndpoint(
    @Arg("input", () => WebhookEndpointInput) { endpointId }: WebhookEndpointInput,
    @Ctx() call: Call,
  ): Promise<WebhookEndpointPayload> {
    return shown(await this.use.disable(call, endpointId), call);
  }

  @Requires("endpoint:write")
  @Mutation(() => DeleteWebhookEndpointPayload, {
    description:
      "Ends it for ever: its secret and what waits for it go, the log of what was sent stays for its time. Safe to repeat. Fails with NOT_FOUND/endpoint_not_found.",
  })
  async deleteWebhookEndpoint(
    @Arg("input", () => WebhookEndpointInput) { endpointId }: WebhookEndpointInput,
    @Ctx() call: Call,
  ): Promise<DeleteWebhookEndpointPayload> {
    await this.use.remove(call, endpointId);
    return { endpointId };
  }

  @Requires("endpoint:write")
  @Mutation(() => WebhookEndpointSecretPayload, {
    description:
      "A new secret; until the overlap ends messages bear both signatures. Four secrets sign at once at most. Fails with NOT_FOUND/endpoint_not_found, BAD_USER_INPUT/invalid_input, FORBIDDEN/permission_missing, CONFLICT/too_many_secrets, CONFLICT/idempotency_mismatch.",
  })
  async rotateWebhookSecret(
    @Arg("input", () => RotateWebhookSecretInput) input: RotateWebhookSecretInput,
    @Ctx() call: Call,
  ): Promise<WebhookEndpointSecretPayload> {
    const { endpointId, overlapMinutes, idempotencyKey } = input;
    const once = { ...call, ...(idempotencyKey != null && { idempotencyKey }) };
    const wanted = { endpointId, ...(overlapMinutes != null && { overlapMinutes }) };
    return shownSecret(await this.use.rotate(once, wanted), call);
  }
}
