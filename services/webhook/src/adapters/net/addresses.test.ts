import { addressProblem, checkedAddress, hostProblem } from "./addresses.js";

const refused = [
  "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254",
  "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
  "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
  "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "100::1", "2001::1",
  "2001:db8::1", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
  "fec0::1", "ff02::1", "::ffff:0:10.0.0.1",
]; // prettier-ignore
const called = [
  "8.8.8.8",
  "1.1.1.1",
  "172.32.0.1",
  "100.128.0.1",
  "192.169.0.1",
  "2606:4700:4700::1111",
  "2a00:1450::1",
];

describe("addresses", () => {
  it.each(refused)("%s is not called", (address) => {
    expect(addressProblem(address, { allowPrivate: false })).toContain(address);
    expect(hostProblem(address.includes(":") ? `[${address}]` : address, { allowPrivate: false })).toContain("not");
  });

  it.each(called)("%s is called", (address) => {
    expect(addressProblem(address, { allowPrivate: false })).toBeUndefined();
  });

  it.each(["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1"])(
    "%s is called where a deployment says so",
    (address) => {
      expect(addressProblem(address, { allowPrivate: true })).toBeUndefined();
    },
  );

  it.each(["169.254.169.254", "fe80::1", "224.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "64:ff9b::7f00:1"])(
    "%s is not called even then",
    (address) => {
      expect(addressProblem(address, { allowPrivate: true })).toBeDefined();
    },
  );

  it("of a name are checked all: one bad one among good ones refuses it", async () => {
    const to = (addresses: string[]) =>
      checkedAddress("hooks.casa.example", { resolve: () => Promise.resolve(addresses), allowPrivate: false });
    await expect(to(["8.8.8.8", "2606:4700::1"])).resolves.toEqual({ address: "8.8.8.8" });
    await expect(to(["8.8.8.8", "10.0.0.1"])).rejects.toThrow("10.0.0.1 leads to a private network");
    await expect(to([])).rejects.toThrow("has no address");
    await expect(to(["not an address"])).rejects.toThrow("is no address");
  });

  it("of hosts in odd spellings are seen for what they are", async () => {
    for (const text of [
      "http://0x7f.1/",
      "http://2130706433/",
      "http://127.1/",
      "http://[::ffff:7f00:1]/",
      "http://0177.0.0.1/",
    ]) {
      const { hostname } = new URL(text);
      expect(hostProblem(hostname, { allowPrivate: false })).toBeDefined();
    }
    await expect(
      checkedAddress("[::1]", { resolve: () => Promise.reject(new Error("not asked")), allowPrivate: false }),
    ).rejects.toThrow("this machine");
  });
});
