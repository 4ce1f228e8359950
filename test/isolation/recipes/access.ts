import { ask } from "@greentick/gateway";
import { type Recipes, type SideName } from "../subject.js";
import { asking, counted, type Making, plainly, recipe } from "./making.js";

const actFor = `mutation Act($input: ActForInput!) { actFor(input: $input) { grantId } }`;
const createKey = `mutation Key($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }`;

/** Keys, visits of staff, the trail's export. */
export function accessRecipes(making: Making): Recipes {
  const { target, sides } = making;
  const as = asking(making);
  const newKey = (side: SideName): Readonly<Record<string, unknown>> => ({
    name: `${sides[side].canary} key`,
    scopes: ["template:read"],
    ipAllowList: ["127.0.0.1"],
    idempotencyKey: `key:${counted(side, "key")}`,
  });
  const keyId = async (side: SideName): Promise<string> =>
    (await as<{ createApiKey: { apiKey: { id: string } } }>(side, "owner", createKey, { input: newKey(side) }))
      .createApiKey.apiKey.id;
  return {
    createApiKey: plainly("owner", newKey),
    rotateApiKey: recipe("owner", async (side) => ({ apiKeyId: await keyId(side), overlapMinutes: 60 })),
    revokeApiKey: recipe("owner", async (side) => ({
      apiKeyId: await keyId(side),
      reason: `${sides[side].canary} needs it no more`,
    })),
    revokeActAsGrant: recipe("owner", async (side) => {
      const input = { tenantId: sides[side].tenantId, reason: "A short look", minutes: 60 };
      const { actFor: granted } = await ask<{ actFor: { grantId: string } }>(
        target,
        target.tokens.platform_admin,
        actFor,
        { input },
      );
      return { grantId: granted.grantId, reason: "Seen enough" };
    }),
    exportAuditTrail: plainly("owner", (side) => ({
      fromSequence: 1,
      idempotencyKey: `export:${counted(side, "export")}`,
    })),
  };
}
