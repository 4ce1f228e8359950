import { event as eventOf, numberChanged, numberReported } from "@greentick/contracts";
import { dayMs, type EventEnvelope, minuteMs } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { OnboardingWorld } from "../fixtures/onboarding-world.js";

describe("the mirrors of Meta's state", () => {
  const w = new OnboardingWorld();

  it("follow webhooks in any order and keep unknown words", async () => {
    const one = await w.live();
    const report = (word: string, minutes: number): EventEnvelope =>
      w.said(
        someTenants.casa,
        eventOf(numberReported, {
          wabaId: one.waba?.["wabaId"] ?? "",
          displayPhoneNumber: one.number.slice(1),
          field: "phone_number_quality_update",
          decision: { known: "UNKNOWN", raw: word },
          receivedAt: w.now,
          at: new Date(w.now.getTime() + minutes * minuteMs),
        }),
      );
    await w.world.given(report("THROUGHPUT_UPGRADE", 2), report("FLAGGED", 1), report("BRAND_NEW_WORD", 3));
    const { phoneNumber } = await w.read(one.id);
    expect(phoneNumber).toMatchObject({ throughput: "HIGH" });
    const changes = (phoneNumber?.["history"] as { field: string; to: string }[]).filter(
      (change) => change.field === "qualityEvent",
    );
    expect(changes.map((change) => change.to)).toEqual(["BRAND_NEW_WORD", "THROUGHPUT_UPGRADE"]);
  });

  it("are corrected by a daily look, and the difference is an event called drift", async () => {
    const one = await w.live();
    await w
      .simDb()
      .collection<{ _id: string; status: string }>("nodes")
      .updateOne({ _id: one.phoneNumberId }, { $set: { status: "FLAGGED" } });
    await w.pass(dayMs);
    expect((await w.read(one.id)).phoneNumber).toMatchObject({ status: { known: "FLAGGED" } });
    const drift = w.heard.filter(
      (event) => event.type === numberChanged.type && JSON.stringify(event.data).includes(one.phoneNumberId),
    );
    expect(drift).toContainEqual(
      expect.objectContaining({
        reason: "drift found by a look at Meta",
        data: expect.objectContaining({ field: "status", from: "CONNECTED", to: "FLAGGED" }) as unknown,
      }),
    );
  });
});
