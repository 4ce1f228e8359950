import { randomBytes } from "node:crypto";
import { type Call, type EventEnvelope, type Role, type TenantId } from "@greentick/kernel";
import {
  type Bus,
  callFactory,
  connectDatabase,
  courtesy,
  type Database,
  metrics,
  mongoBus,
  openSecrets,
  type Outside,
  runServices,
  type RunningServices,
  type Service,
  silentLog,
  storedClocks,
} from "@greentick/runtime";
import { testDatabase } from "./store.js";

/** A service under test with everything real around it: store, bus, clocks that are set, consumers and jobs. */
export interface ServiceWorld<S extends Service> {
  readonly service: S;
  readonly outside: Outside;
  readonly bus: Bus;
  readonly running: RunningServices;
  /** A caller with these roles in a tenant; staff unless roles are a member's. */
  readonly call: (options?: CallerOptions) => Call;
  /** Publishes what another service would have said, and waits until everything has come to rest. */
  readonly given: (...events: readonly EventEnvelope[]) => Promise<void>;
  readonly settle: () => Promise<void>;
  readonly setClock: (to: string) => Promise<void>;
  /** Stops the service as it is and starts it again on the same store. */
  readonly restart: () => Promise<void>;
}

export interface CallerOptions {
  readonly tenantId?: TenantId;
  readonly ancestorIds?: readonly TenantId[];
  readonly roles?: readonly Role[];
  readonly staff?: boolean;
  readonly livemode?: boolean;
  readonly idempotencyKey?: string;
  readonly personId?: string;
}

/** Identifiers that tests use for the provider and two clients below it. */
export const someTenants = {
  provider: "ten_01PR0V1DER0000000000000000" as TenantId,
  casa: "ten_01CASA00000000000000000000" as TenantId,
  otra: "ten_01TRA000000000000000000000" as TenantId,
};

interface Opened<S extends Service> {
  database: Database;
  busDatabase: Database;
  bus: Bus;
  outside: Outside;
  service: S;
  running: RunningServices;
}

/**
 * Call it at the top of a describe block: builds the service before the first test and closes it after the last. The returned object
 * is filled then; use it inside tests and hooks only.
 */
export function serviceWorld<S extends Service>(
  name: string,
  build: (outside: Outside) => Promise<S>,
): ServiceWorld<S> {
  const { uri, dbName } = testDatabase(name);
  const masterKeys = [{ id: "test", key: randomBytes(32) }];
  let opened: Opened<S> | undefined;
  const get = (): Opened<S> => {
    if (opened === undefined) throw new Error("the world opens before the first test: use it inside tests and hooks");
    return opened;
  };
  const open = async (): Promise<Opened<S>> => {
    const database = await connectDatabase(uri, dbName(name));
    const busDatabase = await connectDatabase(uri, dbName("bus"));
    const clocks = storedClocks(busDatabase.db);
    await clocks.refresh();
    const calls = callFactory({ clocks, randomBytes, log: silentLog });
    const bus = await mongoBus({ db: busDatabase.db, clocks, calls, log: silentLog });
    const outside: Outside = {
      database,
      bus,
      clocks,
      calls,
      randomBytes,
      ...(await openSecrets({ database, masterKeys, now: clocks.system })),
      metrics: metrics(),
      courtesy: courtesy(),
      log: silentLog,
    };
    const service = await build(outside);
    const running = await runServices({
      services: [service],
      bus,
      db: busDatabase.db,
      now: clocks.system,
      log: silentLog,
    });
    return { database, busDatabase, bus, outside, service, running };
  };
  const close = async (): Promise<void> => {
    const { running, bus, database, busDatabase } = get();
    await running.stop();
    await bus.close();
    await database.close();
    await busDatabase.close();
  };
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(close);
  return {
    get service() {
      return get().service;
    },
    get outside() {
      return get().outside;
    },
    get bus() {
      return get().bus;
    },
    get running() {
      return get().running;
    },
    call: (options = {}) => callOf(get().outside, options),
    given: async (...events) => {
      await get().bus.publish(events);
      await get().running.settle();
    },
    settle: () => get().running.settle(),
    setClock: (to) => get().outside.clocks.setSandbox(new Date(to)),
    restart: async () => {
      await close();
      opened = await open();
    },
  };
}

function callOf(outside: Outside, options: CallerOptions): Call {
  const tenantId = options.tenantId ?? someTenants.casa;
  const isProvider = tenantId === someTenants.provider;
  return outside.calls.fromClaims(
    {
      actor: {
        kind: isProvider || options.staff === true ? "staff" : "member",
        id: options.personId ?? "per_01TESTER000000000000000000",
      },
      tenantId,
      ancestorIds: options.ancestorIds ?? (isProvider ? [] : [someTenants.provider]),
      livemode: options.livemode ?? false,
      staff: options.staff ?? isProvider,
      roles: options.roles ?? ["platform_admin"],
    },
    {
      requestId: `req_${randomBytes(8).toString("hex")}`,
      ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
    },
  );
}
