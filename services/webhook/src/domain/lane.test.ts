import { laneOf } from "./lane.js";

const body = (text: string): Buffer => Buffer.from(text);
const entry = (id: string, more = ""): string => `{"id":"${id}",${more}"changes":[{"field":"messages","value":{}}]}`;
const of = (...entries: readonly string[]): Buffer =>
  body(`{"object":"whatsapp_business_account","entry":[${entries.join(",")}]}`);

describe("the lane of a body", () => {
  it("is its account, whether its entry tells a time or not, and however it is spaced", () => {
    expect(laneOf(of(entry("123")))).toEqual({ lane: "123" });
    expect(laneOf(of(entry("123", '"time":1739321024,')))).toEqual({ lane: "123" });
    expect(laneOf(body('{ "entry" : [ {\n "id" : "77" ,\n "changes" : [ ] } ] }'))).toEqual({ lane: "77" });
    expect(laneOf(of(entry("123"), entry("123")))).toEqual({ lane: "123" });
  });

  it("are several where it holds several accounts", () => {
    expect(laneOf(of(entry("1"), entry("2"), entry("1")))).toEqual({ lane: "several", lanes: ["1", "2"] });
  });

  it.each([
    ["is no JSON", "{nothing"],
    ["is empty", ""],
    ["names its account behind its changes", '{"entry":[{"changes":[],"id":"1"}]}'],
    ["names no account", '{"entry":[{"changes":[]}]}'],
    ["has an account by a number", '{"entry":[{"id":1,"changes":[]}]}'],
    ["has a text that reads like a list of changes", `{"entry":[${entry("1", '"note":"changes",')}]}`],
    ["has one entry that is in order and one that is not", `{"entry":[${entry("1")},{"changes":[],"id":"2"}]}`],
  ])("is not sure when it %s", (_, text) => {
    expect(laneOf(body(text))).toEqual({ lane: "unsure" });
  });

  it("is not led astray by text that quotes a body", () => {
    const quoted = JSON.stringify(of(entry("666")).toString());
    expect(laneOf(body(`{"entry":[{"id":"1","changes":[{"value":{"text":${quoted}}}]}]}`))).toEqual({ lane: "1" });
  });
});
