import { type TemplateContent } from "../content.js";
import { type Rule, soft, when } from "./finding.js";

const promotional =
  /\b(?:sales?|discounts?|offers?|deals?|promo\w*|coupons?|free gift|limited time|buy now|shop now|ofertas?|descuentos?|promoci[oó]n\w*|cup[oó]n\w*|gratis|rebajas?|compra ya|descontos?|promoç\w*|cupom|liquidaç\w*)\b|\d+ ?% (?:off|de descuento|de desconto)|black friday/i;
const oneTimeCode =
  /\b(?:verification code|one[- ]time (?:code|password|pin)|otp|c[oó]digo de (?:verificaci[oó]n|acceso)|c[oó]digo de verificaç[aã]o)\b/i;
const confidential = /\b(?:password|card number|cvv|contraseña|n[uú]mero de tarjeta|senha|n[uú]mero do cart[aã]o)\b/i;
const gambling = /\b(?:casino|gambl\w*|betting|apuestas?|apostas?)\b/i;

const wordsOf = ({ header, body, footer, buttons }: TemplateContent): string =>
  [header?.text, body.text, footer?.text, ...buttons.map((button) => button.text)]
    .filter((text) => text !== undefined)
    .join("\n");

/**
 * What Meta's review will make of the words (Meta: template categorization). A template approved in another category costs that
 * category's price from its first message.
 */
export const categoryRules: Rule = (content) => {
  const words = wordsOf(content);
  return [
    ...when(
      content.category === "UTILITY" && promotional.test(words),
      soft({
        code: "likely_marketing",
        place: "category",
        problem:
          "the words read like promotion: Meta will probably approve this as MARKETING, at the price of MARKETING",
        fix: "Remove the promotion and keep what the user asked for or needs to know, or choose MARKETING.",
      }),
    ),
    ...when(
      content.category !== "AUTHENTICATION" && oneTimeCode.test(words),
      soft({
        code: "likely_authentication",
        place: "category",
        problem:
          "one-time codes are allowed in AUTHENTICATION templates only: Meta refuses others with INCORRECT_CATEGORY",
        fix: "Choose AUTHENTICATION.",
      }),
    ),
    ...when(
      confidential.test(words),
      soft({
        code: "asks_for_secrets",
        place: "body",
        problem: "asking for passwords or card numbers is refused as SCAM",
        fix: "Do not ask for them.",
      }),
    ),
    ...when(
      gambling.test(words),
      soft({
        code: "regulated_content",
        place: "body",
        problem: "gambling is restricted by the messaging policy",
        fix: "Remove it, or apply for the permission of Meta first.",
      }),
    ),
  ];
};
