import { canonical, decodeForm, type FormMap, formOfJson } from "./form.js";

const decode = (text: string): string => {
  const form: FormMap = new Map();
  const bad = decodeForm(text, form);
  return bad === undefined ? canonical(form) : `bad: ${bad}`;
};

describe("Stripe's form encoding", () => {
  it("builds nested objects and lists from brackets", () => {
    expect(decode("items[0][price]=price_1&items[1][price]=price_2&expand[]=a&expand[]=b")).toBe(
      '{"expand":{"0":"a","1":"b"},"items":{"0":{"price":"price_1"},"1":{"price":"price_2"}}}',
    );
  });
  it("means the same as the JSON of the same parameters", () => {
    const json = { payload: { value: "1.5" }, expand: ["a", "b"], active: true, note: null };
    expect(canonical(formOfJson(json))).toBe(decode("note=&active=true&expand[]=a&expand[]=b&payload[value]=1.5"));
  });
  it("does not touch the prototype of anything", () => {
    expect(decode("__proto__[polluted]=1&constructor[prototype][x]=1")).toContain('"__proto__"');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
  it.each(["a[b", "a]b=1", "[a]=1", "a[b]c=1", "a=1&a[b]=2", "a[b]=2&a=1", "a[b][c][d][e][f][g][h][i]=1"])(
    "refuses the malformed or contradictory %s",
    (text) => {
      expect(decode(text)).toMatch(/^bad: /);
    },
  );
});
