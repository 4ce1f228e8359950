import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { testDatabase } from "@greentick/testing";
import { randomOf } from "./ids.js";
import { app, startReceiver, startTestSim, verifyToken } from "./test-support.js";

const folder = join(__dirname, "../../../test/webhook-samples");
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "expected.json");
const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<
  string,
  { charge: string | null }
>;
const actors = [
  { businessId: "702915384620175", wabaId: "318274650192837", phoneNumberId: "219384756102938", number: "6015550147" },
  { businessId: "813026495731286", wabaId: "427163905281746", phoneNumberId: "530918273645102", number: "6015550188" },
  { businessId: "702915384620175", wabaId: "556182930475610", phoneNumberId: "640192837465019", number: "6015550190" },
];

describe("sample bodies posted by hand", () => {
  const { mongo, dbName } = testDatabase("metasim-hand");

  it.each([1, 2, 3])("are counted as Meta charges them, once, in any order (shuffle %s)", async (shuffle) => {
    const receiver = await startReceiver();
    const sim = await startTestSim(mongo.db(dbName(`shuffle${shuffle}`)), {
      clock: { now: new Date("2026-12-01T00:00:00Z") },
    });
    await fetch(`${sim.url}/v26.0/${app.appId}/subscriptions?access_token=${app.appId}|${app.appSecret}`, {
      method: "POST",
      body: new URLSearchParams({
        object: "whatsapp_business_account",
        callback_url: receiver.url,
        verify_token: verifyToken,
        fields: "messages",
      }),
    });
    for (const { number, ...ids } of actors) {
      const phone = { cc: "57", number, verifiedName: "Actor" };
      const account = {
        businessName: "Actor",
        wabaName: ids.wabaId,
        currency: "USD",
        timezone: "America/Bogota",
        country: "CO",
      };
      await sim.control.embeddedSignup({ ...account, phone, ids, ready: true });
    }
    for (const file of randomOf("samples", shuffle).shuffled(files)) {
      const body = readFileSync(join(folder, file), "utf8");
      expect(await sim.control.postWebhook({ body, count: true })).toEqual({ outcome: "200" });
    }
    const charges = Object.values(expected).reduce((sum, { charge }) => sum + Number(charge ?? 0), 0);
    expect(await sim.control.counted()).toMatchObject({ charged: 9, free: 5, micros: { USD: charges } });
    expect(charges).toBe(195_900);
    await sim.close();
    await receiver.close();
  });
});
