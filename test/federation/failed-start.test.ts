import { randomBytes } from "node:crypto";
import { localEnvironment } from "@greentick/gateway";
import { testDatabase } from "@greentick/testing";
import { buildAll, startProcess } from "./processes.js";

const word = (bytes: number): string => randomBytes(bytes).toString("hex");
const secrets = {
  masterKey: word(32),
  callSecret: word(32),
  metaAppSecret: word(16),
  metaVerifyToken: word(16),
  metaSystemToken: word(16),
  stripeApiKey: `sk_test_${word(16)}`,
};
const nowhere = "http://127.0.0.1:1";

describe("a process that cannot start", () => {
  const { uri, dbName } = testDatabase("start");
  beforeAll(buildAll);

  it.each([
    {
      wrong: { BUS_URL: "nats://nobody.invalid:4222" },
      says: "The event bus at nobody.invalid:4222 cannot be reached",
    },
    { wrong: { MONGODB_URI: nowhere }, says: "MONGODB_URI" },
  ])("says why and ends instead of waiting for nothing: $says", async ({ wrong, says }) => {
    const at = { mongoUri: uri, port: 0, metaUrl: nowhere, stripeUrl: nowhere, databasePrefix: `${dbName("a")}_` };
    const env = { ...localEnvironment(secrets, { ...at, logLevel: "error" }), HOST: "127.0.0.1", ...wrong };
    await expect(startProcess("services/webhook/dist/main.js", env)).rejects.toThrow(says);
  });
});
