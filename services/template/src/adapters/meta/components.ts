import { type Button, type Sample, type TemplateContent } from "../../domain/content.js";
import { variablesOf } from "../../domain/variables.js";

type Wire = Readonly<Record<string, unknown>>;

const given = (values: Wire): Wire =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Samples in the order of their variables, once each, as Meta wants them (Meta: message templates, parameters). */
function exampleOf(part: "header" | "body", text: string, samples: readonly Sample[]): Wire {
  const names = [...new Set(variablesOf(text).names)];
  if (names.length === 0) return {};
  const valueOf = (name: string): string => samples.find((sample) => sample.variable === name)?.value ?? "";
  if (names.some((name) => !/^\d+$/.test(name)))
    return {
      example: { [`${part}_text_named_params`]: names.map((name) => ({ param_name: name, example: valueOf(name) })) },
    };
  const values = names.sort((a, b) => Number(a) - Number(b)).map(valueOf);
  return { example: { [`${part}_text`]: part === "body" ? [values] : values } };
}

function headerOf({ header }: TemplateContent): readonly Wire[] {
  if (header === undefined) return [];
  const { format, text = "", samples, mediaHandle } = header;
  if (format === "TEXT") return [{ type: "HEADER", format, text, ...exampleOf("header", text, samples) }];
  if (format === "LOCATION") return [{ type: "HEADER", format }];
  return [{ type: "HEADER", format, example: { header_handle: [mediaHandle] } }];
}

function bodyOf({ category, body }: TemplateContent): Wire {
  if (category === "AUTHENTICATION")
    return given({ type: "BODY", add_security_recommendation: body.addSecurityRecommendation });
  const { text = "", samples } = body;
  return { type: "BODY", text, ...exampleOf("body", text, samples) };
}

function footerOf({ footer }: TemplateContent): readonly Wire[] {
  if (footer === undefined) return [];
  return [given({ type: "FOOTER", text: footer.text, code_expiration_minutes: footer.codeExpirationMinutes })];
}

function buttonOf(button: Button): Wire {
  const { type, text } = button;
  switch (type) {
    case "QUICK_REPLY":
      return { type, text };
    case "URL":
      return given({
        type,
        text,
        url: button.url,
        example: button.urlSample === undefined ? undefined : [button.urlSample],
      });
    case "PHONE_NUMBER":
      return { type, text, phone_number: button.phoneNumber };
    case "COPY_CODE":
      return { type, example: button.code };
    case "OTP":
      return codeButtonOf(button);
  }
}

function codeButtonOf({
  type,
  text,
  otpType,
  autofillText,
  packageName,
  signatureHash,
  zeroTapTermsAccepted,
}: Button): Wire {
  const app = packageName === undefined ? undefined : [{ package_name: packageName, signature_hash: signatureHash }];
  return given({
    type,
    otp_type: otpType,
    text,
    autofill_text: autofillText,
    supported_apps: app,
    zero_tap_terms_accepted: zeroTapTermsAccepted,
  });
}

/** A draft in Meta's own component grammar (Meta: message templates, components). */
export const componentsOf = (content: TemplateContent): readonly Wire[] => [
  ...headerOf(content),
  bodyOf(content),
  ...footerOf(content),
  ...(content.buttons.length === 0 ? [] : [{ type: "BUTTONS", buttons: content.buttons.map(buttonOf) }]),
];

/** The text of the body in Meta's components; undefined where Meta writes the words itself. */
export function bodyTextOf(components: readonly unknown[] | undefined): string | undefined {
  const body = components?.find((one) => isWire(one) && String(one["type"]).toUpperCase() === "BODY");
  const text = isWire(body) ? body["text"] : undefined;
  return typeof text === "string" ? text : undefined;
}

const isWire = (value: unknown): value is Wire => typeof value === "object" && value !== null;
