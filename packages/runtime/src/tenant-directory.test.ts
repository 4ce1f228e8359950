import { event, tenantChanged, tenantCreated } from "@greentick/contracts";
import { envelope, type EventEnvelope, type TenantId } from "@greentick/kernel";
import { aTenantCreated, busBench, someTenants } from "@greentick/testing";
import { type Call } from "@greentick/kernel";
import { type TenantDirectory, tenantDirectory } from "./tenant-directory.js";

describe("the tenant directory of a service", () => {
  const bench = busBench("directory");
  let directory: TenantDirectory;
  let call: Call;
  beforeAll(async () => {
    const { calls } = await bench.open();
    call = bench.call(calls);
    directory = tenantDirectory(await bench.database("directory"));
    await directory.ensureIndexes();
  });
  const said = (version: number, name: string, tenantId = someTenants.casa): EventEnvelope => {
    const facts = {
      ...(aTenantCreated(call, { name }).data as Parameters<typeof event<typeof tenantCreated.data>>[1]),
      tenantId,
    };
    const definition = version === 1 ? tenantCreated : tenantChanged;
    return envelope(call, { type: "tenant", id: tenantId, version }, event(definition, facts));
  };
  const hear = async (given: EventEnvelope): Promise<void> => {
    const line = directory.handlers.find((one) => one.event.type === given.type);
    await line?.handle(call, given);
  };

  it("knows a tenant once it was told, with what routing and money need", async () => {
    expect(await directory.find(someTenants.casa)).toBeUndefined();
    await hear(said(1, "Casa Lumen"));
    expect(await directory.find(someTenants.casa)).toEqual({
      tenantId: someTenants.casa,
      ancestorIds: [someTenants.provider],
      livemode: false,
      name: "Casa Lumen",
      legalName: "Casa Lumen S.A.S.",
      country: "CO",
      currency: "USD",
      timeZone: "America/Bogota",
      kind: "client",
      status: "active",
    });
  });

  it("keeps the newest version in whatever order, and however often, it hears of them", async () => {
    for (const version of [4, 2, 3, 4, 1, 3]) await hear(said(version, `version ${version}`));
    expect(await directory.find(someTenants.casa)).toMatchObject({ name: "version 4" });
  });

  it("keeps the newest version when all are heard at once, the first one included", async () => {
    for (let round = 0; round < 10; round++) {
      const id = `ten_01R0VND000000000000000000${round}` as TenantId;
      await Promise.all([3, 1, 5, 2, 4].map((version) => hear(said(version, `version ${version}`, id))));
      expect(await directory.find(id)).toMatchObject({ name: "version 5" });
    }
  });

  it("lists all of them, and shows nobody for an id that is a query", async () => {
    expect((await directory.list()).length).toBeGreaterThan(10);
    expect(await directory.find({ $ne: "" } as unknown as TenantId)).toBeUndefined();
  });
});
