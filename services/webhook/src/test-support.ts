import { wabaLinked } from "@greentick/contracts";
import { type Call } from "@greentick/kernel";
import { signBody } from "@greentick/meta";
import { type HttpHost, replyError, silentLog, startHttpHost } from "@greentick/runtime";
import { aTenantCreated, anEvent, serviceWorld, type ServiceWorld, someTenants } from "@greentick/testing";
import { type GraphQLError, graphql } from "graphql";
import { buildWebhookService } from "./index.js";
import { casaWaba, ourPortfolio } from "./fixtures/door.js";

export const appSecret = "an-app-secret-of-tests";
export const otraWaba = "427163905281746";
export const doorConfig = {
  meta: {
    appSecrets: [appSecret, "the-secret-being-rotated-out"],
    verifyToken: "verify-me-please",
    ownIds: [ourPortfolio, "1029384756473829"],
  },
  stripe: { secrets: ["whsec_of_tests"] },
  rawRetentionDays: 30,
};

type Service = Awaited<ReturnType<typeof buildWebhookService>>;

export interface Answered<T> {
  readonly data: T | undefined;
  readonly errors: readonly GraphQLError[];
}

/** The service behind a socket, with two clients whose accounts are linked. */
export interface DoorWorld {
  readonly world: ServiceWorld<Service>;
  readonly host: () => HttpHost;
  readonly operator: () => Call;
  readonly post: (body: Buffer, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** As an operator, unless told otherwise. */
  readonly query: <T = Record<string, unknown>>(source: string, as?: Call) => Promise<Answered<T>>;
  readonly link: (wabaId: string, call: Call) => Promise<void>;
}

/** Call it at the top of a describe block. */
export function doorWorld(name: string): DoorWorld {
  const world = serviceWorld(name, (outside) => buildWebhookService(doorConfig, outside));
  let host: HttpHost | undefined;
  const operator = (): Call => world.call({ tenantId: someTenants.provider });
  const link = (wabaId: string, call: Call): Promise<void> =>
    world.given(
      anEvent(call, wabaLinked, {
        wabaId,
        recordId: `wab_${wabaId}`,
        metaBusinessId: "1",
        name: "Account",
        currency: "USD",
        timeZone: "America/Bogota",
        from: new Date(),
      }),
    );
  const running = (): HttpHost => {
    if (host === undefined) throw new Error("the door opens before the first test");
    return host;
  };
  beforeAll(async () => {
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: world.service.routes, rest, log: silentLog });
    await world.given(aTenantCreated(operator()));
    await link(casaWaba, world.call());
    await link(otraWaba, world.call({ tenantId: someTenants.otra }));
  });
  afterAll(() => running().close());
  return {
    world,
    host: running,
    operator,
    link,
    post: (body, headers = { "x-hub-signature-256": signBody(appSecret, body) }) =>
      fetch(`${running().url}/webhooks/meta`, { method: "POST", body: new Uint8Array(body), headers }),
    query: async <T>(source: string, as: Call = operator()): Promise<Answered<T>> => {
      const { data, errors = [] } = await graphql({ schema: world.service.schema.schema, source, contextValue: as });
      return { data: (data ?? undefined) as T | undefined, errors };
    },
  };
}
