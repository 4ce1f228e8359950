import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataOf, endpointDisabled } from "@greentick/contracts";
import { type TenantId } from "@greentick/kernel";
import { anEvent } from "@greentick/testing";
import { peopleWorld } from "./test-support.js";

type Disabled = DataOf<typeof endpointDisabled>;

describe("the notice that an endpoint was switched off", () => {
  const { world, mailFolder, provider, newClient, joined } = peopleWorld();
  const about = (endpointId: string): string[] =>
    readdirSync(mailFolder)
      .map((file) => readFileSync(join(mailFolder, file), "utf8"))
      .filter((text) => text.includes(endpointId));
  const disabled = async (tenantId: TenantId, endpointId: string, because: Disabled["because"]): Promise<void> => {
    const call = world.call({ tenantId, ancestorIds: [provider()] });
    const told = anEvent(call, endpointDisabled, {
      endpointId,
      host: "hooks.casa.example",
      description: "Shop",
      because,
    });
    await world.given(told, told);
  };

  it("reaches the owners, once, and says what to do", async () => {
    const tenantId = await newClient("Casa Hooks");
    await joined({ email: "owner@hooks.example", roles: ["owner"], tenantId });
    await joined({ email: "viewer@hooks.example", roles: ["billing_viewer"], tenantId });
    await disabled(tenantId, "whe_failing", "failing");
    const mails = about("whe_failing");
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain("To: owner@hooks.example");
    expect(mails[0]).toContain("enableWebhookEndpoint");
  });

  it("is spared when somebody asked for it, or the business was closed", async () => {
    const tenantId = await newClient("Casa Quiet");
    await joined({ email: "owner@quiet.example", roles: ["owner"], tenantId });
    await disabled(tenantId, "whe_asked", "asked");
    await disabled(tenantId, "whe_closed", "tenant_closed");
    expect([...about("whe_asked"), ...about("whe_closed")]).toEqual([]);
  });
});
