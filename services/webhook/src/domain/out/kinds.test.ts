import { checkedPatterns, matches, matching } from "./kinds.js";

const published = ["template.advanced", "template.quality_changed", "message.status"];

describe("what an endpoint is subscribed to", () => {
  it.each([
    ["*", "message.status", true],
    ["template.*", "template.advanced", true],
    ["template.*", "template_other.advanced", false],
    ["template.advanced", "template.advanced", true],
    ["template.advanced", "template.advanced_more", false],
  ])("%s stands for %s: %s", (pattern, kind, expected) => {
    expect(matches(pattern, kind)).toBe(expected);
  });

  it("is everything where nothing is named", () => {
    expect(matching([], published)).toEqual(published);
    expect(matching(["message.*"], published)).toEqual(["message.status"]);
  });

  it("is kept once each, in order", () => {
    expect(checkedPatterns(["template.*", " message.status", "template.*"], published)).toEqual([
      "message.status",
      "template.*",
    ]);
  });

  it.each([[[]], [["tempalte.*"]], [["template"]], [["template.gone"]], [["**"]], [["template.*.x"]], [[""]]])(
    "is refused when it stands for nothing published: %j",
    (patterns) => {
      expect(() => checkedPatterns(patterns, published)).toThrow(
        expect.objectContaining({ code: "BAD_USER_INPUT" }) as Error,
      );
    },
  );
});
