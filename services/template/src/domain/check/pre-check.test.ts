import fc from "fast-check";
import { buttonTypes, type Button, categories, headerFormats, type TemplateContent } from "../content.js";
import { isSubmittable, preCheck } from "./pre-check.js";

const good: TemplateContent = {
  name: "pedido_enviado",
  language: "es_CO",
  category: "UTILITY",
  header: { format: "TEXT", text: "Tu pedido va en camino", samples: [] },
  body: {
    text: "Hola {{1}}, tu pedido {{2}} salió hoy de nuestra bodega y llega el {{3}} en la tarde.",
    samples: [
      { variable: "1", value: "Ana" },
      { variable: "2", value: "A-102" },
      { variable: "3", value: "lunes" },
    ],
  },
  footer: { text: "Casa Lumen" },
  buttons: [
    {
      type: "URL",
      text: "Rastrear",
      url: "https://casalumen.example/rastreo/{{1}}",
      urlSample: "https://casalumen.example/rastreo/A-102",
    },
    { type: "PHONE_NUMBER", text: "Llamar", phoneNumber: "+576015550147" },
  ],
};
const otp: TemplateContent = {
  name: "codigo",
  language: "es_CO",
  category: "AUTHENTICATION",
  body: { samples: [], addSecurityRecommendation: true },
  footer: { codeExpirationMinutes: 10 },
  buttons: [{ type: "OTP", otpType: "COPY_CODE" }],
};
const codesOf = (change: Partial<TemplateContent>, of: TemplateContent = good): readonly string[] =>
  preCheck({ ...of, ...change }).map((one) => `${one.severity} ${one.place} ${one.code}`);
const body = (text: string, ...values: readonly string[]): Pick<TemplateContent, "body"> => ({
  body: { text, samples: values.map((value, index) => ({ variable: String(index + 1), value })) },
});
const buttons = (...list: readonly Button[]): Pick<TemplateContent, "buttons"> => ({ buttons: list });
const reply = (text: string): Button => ({ type: "QUICK_REPLY", text });

describe("the pre-check", () => {
  it("finds nothing in a template that follows Meta's rules", () => {
    expect(preCheck(good)).toEqual([]);
    expect(preCheck(otp)).toEqual([]);
  });

  it.each([
    ["a name with capitals", { name: "Pedido" }, "hard name name_characters"],
    ["a name of more than 512 characters", { name: "a".repeat(513) }, "hard name too_long"],
    ["a language with a hyphen", { language: "es-CO" }, "hard language language_unknown"],
    ["a variable at the start", body("{{1}} gracias por tu compra de hoy", "Ana"), "hard body variable_at_edge"],
    ["a variable at the end", body("Gracias por tu compra de hoy {{1}}", "Ana"), "hard body variable_at_edge"],
    [
      "variables side by side",
      body("Hola a ti {{1}} {{2}} gracias por tu compra", "Ana", "Paz"),
      "hard body variables_adjacent",
    ],
    [
      "a number left out",
      {
        body: {
          text: "Hola {{1}} tu pedido {{3}} va en camino hoy",
          samples: [
            { variable: "1", value: "a" },
            { variable: "3", value: "b" },
          ],
        },
      },
      "hard body variables_not_consecutive",
    ],
    ["a variable without a sample", body("Hola {{1}} tu pedido va en camino"), "hard body sample_missing"],
    ["a sample without a variable", body("Hola, tu pedido va en camino", "Ana"), "hard body sample_without_variable"],
    [
      "special characters in braces",
      body("Hola {{First Name}} tu pedido va en camino"),
      "hard body variable_malformed",
    ],
    ["more variables than the words carry", body("Hola {{1}} y {{2}} ya", "a", "b"), "hard body too_many_variables"],
    ["three line breaks", body("Hola\n\n\ntu pedido va en camino"), "hard body white_space"],
    ["1025 characters", body("a".repeat(1025)), "hard body too_long"],
    ["no body", body(" "), "hard body missing"],
    [
      "numbers and names mixed",
      {
        body: {
          text: "Hola {{1}} tu pedido {{numero}} va en camino",
          samples: [
            { variable: "1", value: "a" },
            { variable: "numero", value: "b" },
          ],
        },
      },
      "hard body variables_mixed",
    ],
    [
      "a header of 61 characters",
      { header: { format: "TEXT", text: "a".repeat(61), samples: [] } },
      "hard header too_long",
    ],
    [
      "an emoji in the header",
      { header: { format: "TEXT", text: "Hola 🎉", samples: [] } },
      "hard header header_markup",
    ],
    ["a picture without its sample", { header: { format: "IMAGE", samples: [] } }, "hard header missing"],
    ["a variable in the footer", { footer: { text: "Hola {{1}}" } }, "hard footer footer_variable"],
    [
      "eleven buttons",
      buttons(...Array.from({ length: 11 }, (_, index) => reply(`b${index}`))),
      "hard buttons too_many_buttons",
    ],
    [
      "three links",
      buttons(...[1, 2, 3].map((n): Button => ({ type: "URL", text: "Ver", url: `https://a.example/${n}` }))),
      "hard buttons too_many_of_kind",
    ],
    [
      "a link between quick replies",
      buttons(reply("Sí"), { type: "URL", text: "Ver", url: "https://a.example/x" }, reply("No")),
      "hard buttons buttons_not_grouped",
    ],
    ["a label of 26 characters", buttons(reply("a".repeat(26))), "hard buttons[0].text too_long"],
    [
      "a variable inside an address",
      buttons({ type: "URL", text: "Ver", url: "https://a.example/{{1}}/x", urlSample: "https://a.example/1/x" }),
      "hard buttons[0].url url_variable",
    ],
    [
      "a link to wa.me",
      buttons({ type: "URL", text: "Ver", url: "https://wa.me/57123" }),
      "hard buttons[0].url whatsapp_link",
    ],
    [
      "a local phone number",
      buttons({ type: "PHONE_NUMBER", text: "Llamar", phoneNumber: "6015550147" }),
      "hard buttons[0].phoneNumber phone_number",
    ],
    [
      "a code button outside authentication",
      buttons({ type: "OTP", otpType: "COPY_CODE" }),
      "hard buttons authentication_only",
    ],
    [
      "promotion called utility",
      body("Esta semana hay descuentos en toda la tienda"),
      "soft category likely_marketing",
    ],
    [
      "a one-time code called utility",
      body("Su código de verificación llegó a su correo"),
      "soft category likely_authentication",
    ],
    [
      "a shortened link",
      buttons({ type: "URL", text: "Ver", url: "https://bit.ly/abc" }),
      "soft buttons[0].url short_link",
    ],
  ] as readonly (readonly [string, Partial<TemplateContent>, string])[])("finds %s", (_, change, expected) => {
    expect(codesOf(change)).toContain(expected);
  });

  it.each([
    ["own words", { body: { text: "Su código es", samples: [] } }, "hard body authentication_body"],
    ["a header", { header: { format: "TEXT", text: "Código", samples: [] } }, "hard header authentication_header"],
    ["an expiry of 91 minutes", { footer: { codeExpirationMinutes: 91 } }, "hard footer code_expiration"],
    ["no code button", { buttons: [] }, "hard buttons authentication_buttons"],
    ["one-tap without the app", { buttons: [{ type: "OTP", otpType: "ONE_TAP" }] }, "hard buttons[0] supported_app"],
    [
      "zero-tap without its terms",
      { buttons: [{ type: "OTP", otpType: "ZERO_TAP", packageName: "a.b", signatureHash: "12345678901" }] },
      "hard buttons[0] zero_tap_terms",
    ],
  ] as readonly (readonly [string, Partial<TemplateContent>, string])[])(
    "finds in an authentication template %s",
    (_, change, expected) => {
      expect(codesOf(change, otp)).toContain(expected);
    },
  );

  it("counts characters as people do, not as UTF-16 does", () => {
    expect(codesOf({ footer: { text: "👍".repeat(60) } })).toEqual([]);
  });

  const anyText = fc.oneof(
    fc.string(),
    fc.constantFrom("{{1}}", "{{", "}}", "{{name}}", "{{ }}", "a {{1}} b", "\n\n\n", "😀"),
  );
  const anySamples = fc.array(fc.record({ variable: anyText, value: anyText }), { maxLength: 3 });
  const anyContent: fc.Arbitrary<TemplateContent> = fc.record(
    {
      name: anyText,
      language: anyText,
      category: fc.constantFrom(...categories),
      header: fc.record({ format: fc.constantFrom(...headerFormats), text: anyText, samples: anySamples }),
      body: fc.record({ text: anyText, samples: anySamples }),
      footer: fc.record({ text: anyText }),
      buttons: fc.array(fc.record({ type: fc.constantFrom(...buttonTypes), text: anyText, url: anyText }), {
        maxLength: 12,
      }),
    },
    { requiredKeys: ["name", "language", "category", "body", "buttons"] },
  );

  it("never throws, always says the same about the same draft, and puts what Meta would refuse first", () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const found = preCheck(content);
        expect(preCheck(content)).toEqual(found);
        const severities = found.map((one) => one.severity);
        expect([...severities].sort()).toEqual(severities);
        expect(isSubmittable(found)).toBe(!severities.includes("hard"));
        expect(found.every((one) => one.problem !== "" && one.fix !== "" && one.place !== "")).toBe(true);
      }),
    );
  });
});
