import { after, type EndpointId, minuteMs, type TenantId } from "@greentick/kernel";
import { type Endpoint, olderSecretUntil, rotateSecret, type SealedSecret, signingSecrets } from "./endpoint.js";

const start = new Date("2026-10-01T08:00:00Z");
const at = (minutes: number): Date => after(start, minutes * minuteMs);
const secret = (name: string): SealedSecret => ({ name, sealed: name, createdAt: start });

const fresh: Endpoint = {
  id: "whe_1" as EndpointId,
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: true,
  version: 1,
  url: "https://hooks.casa.example/",
  description: "",
  kinds: ["*"],
  ordered: false,
  ratePerSecond: 50,
  concurrency: 5,
  payloadVersion: 1,
  status: "enabled",
  secrets: [secret("a")],
  createdAt: start,
  createdBy: { kind: "member", id: "per_1" },
};

describe("a new secret", () => {
  const rotated = (endpoint: Endpoint, name: string, [minute, overlapMinutes]: [number, number]): Endpoint =>
    rotateSecret(endpoint, secret(name), { overlapMinutes, systemNow: at(minute) });
  const signing = (endpoint: Endpoint, minute: number): string[] =>
    signingSecrets(endpoint, at(minute)).map(({ name }) => name);

  it("leaves every former one its own overlap, however often secrets are made meanwhile", () => {
    const twice = rotated(rotated(fresh, "b", [0, 60]), "c", [1, 10]);
    expect(signing(twice, 2)).toEqual(["c", "b", "a"]);
    expect(olderSecretUntil(twice, at(2))).toEqual(at(60));
    expect(signing(twice, 11)).toEqual(["c", "a"]);
    expect(signing(twice, 60)).toEqual(["c"]);
    expect(olderSecretUntil(twice, at(60))).toBeUndefined();
  });

  it("ends all former ones when no overlap is wanted", () => {
    const twice = rotated(rotated(fresh, "b", [0, 60]), "c", [1, 0]);
    expect(twice.secrets.map(({ name }) => name)).toEqual(["c"]);
  });

  it("is refused while four sign, until the first of them ends", () => {
    const four = ["b", "c", "d"].reduce((endpoint, name, n) => rotated(endpoint, name, [n, 60]), fresh);
    expect(signing(four, 3)).toHaveLength(4);
    expect(() => rotated(four, "e", [3, 60])).toThrow(/2026-10-01T09:00:00.000Z/);
    expect(signing(rotated(four, "e", [60, 60]), 60)).toEqual(["e", "d", "c", "b"]);
  });
});
