import { checkedUrl, hostOf, type UrlRules } from "./url.js";

const rules: UrlRules = {
  livemode: true,
  allowPrivate: false,
  addressProblem: (host, { allowPrivate }) =>
    host === "169.254.169.254" || (host === "10.0.0.1" && !allowPrivate) ? `${host} must not be called` : undefined,
};

describe("the address of an endpoint", () => {
  it.each(["https://hooks.casa.example/a?b=c", "https://hooks.casa.example:8443/", "https://8.8.8.8/x"])(
    "may be %s",
    (url) => {
      expect(checkedUrl(` ${url} `, rules)).toBe(url);
    },
  );

  it.each([
    "http://hooks.casa.example/",
    "ftp://hooks.casa.example/",
    "javascript:alert(1)",
    "hooks.casa.example",
    "",
    "https://user:secret@hooks.casa.example/",
    "https://user@hooks.casa.example/",
    "https://hooks.casa.example/#part",
    "https://hooks.casa.example:22/",
    "https://hooks.casa.example:6379/",
    "https://localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://10.0.0.1/",
    `https://hooks.casa.example/${"x".repeat(2_000)}`,
  ])("must not be %s", (url) => {
    expect(() => checkedUrl(url, rules)).toThrow(
      expect.objectContaining({ reason: "invalid_input", details: { field: "url" } }) as Error,
    );
  });

  it("may lead to this machine where a deployment says so, but never for a live business", () => {
    const url = "http://127.0.0.1:4444/hooks";
    expect(checkedUrl(url, { ...rules, livemode: false, allowPrivate: true })).toBe(url);
    expect(checkedUrl("https://10.0.0.1/", { ...rules, livemode: false, allowPrivate: true })).toBe(
      "https://10.0.0.1/",
    );
    const credentials = "http://169.254.169.254/";
    expect(() => checkedUrl(credentials, { ...rules, livemode: false, allowPrivate: true })).toThrow(
      "must not be called",
    );
    expect(() => checkedUrl(url, { ...rules, livemode: false })).toThrow("https://");
    expect(() => checkedUrl(url, { ...rules, allowPrivate: true })).toThrow("https://");
  });

  it("is told by its host alone, since a path may hold a secret", () => {
    expect(hostOf("https://hooks.casa.example:8443/secret?token=x")).toBe("hooks.casa.example:8443");
    expect(hostOf("")).toBe("");
  });
});
