import { type Button, type ButtonType, type TemplateContent } from "../content.js";
import { type Finding, hard, type Rule, soft, tooLong, when } from "./finding.js";

/** Most of one kind in one template (Meta: message templates, buttons). */
const most: Readonly<Record<ButtonType, number>> = { QUICK_REPLY: 10, URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1, OTP: 1 };
const shorteners = /^https?:\/\/(?:www\.)?(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|is\.gd|cutt\.ly|rb\.gy|ow\.ly)\//i;
const ownLinks = /^https?:\/\/(?:www\.)?(?:wa\.me|api\.whatsapp\.com)\//i;

/** Meta: message templates, buttons component. */
export const buttonRules: Rule = (content) => [
  ...countFindings(content),
  ...groupingFindings(content.buttons),
  ...content.buttons.flatMap((button, index) => buttonFindings(button, `buttons[${index}]`)),
];

function countFindings({ buttons, category }: TemplateContent): readonly Finding[] {
  const tooMany = (Object.keys(most) as ButtonType[]).filter(
    (type) => buttons.filter((button) => button.type === type).length > most[type],
  );
  return [
    ...when(
      buttons.length > 10,
      hard({
        code: "too_many_buttons",
        place: "buttons",
        problem: `there are ${buttons.length} buttons; ten are allowed`,
        fix: "Keep ten.",
      }),
    ),
    ...tooMany.map((type) =>
      hard({
        code: "too_many_of_kind",
        place: "buttons",
        problem: `at most ${most[type]} of ${type} are allowed`,
        fix: "Remove the others.",
      }),
    ),
    ...when(
      category !== "AUTHENTICATION" && buttons.some((button) => button.type === "OTP"),
      hard({
        code: "authentication_only",
        place: "buttons",
        problem: "a button for one-time codes belongs to authentication templates",
        fix: "Remove it or change the category to AUTHENTICATION.",
      }),
    ),
  ];
}

/** Quick replies stand together, before or after all others: QR-URL-QR is refused. */
function groupingFindings(buttons: readonly Button[]): readonly Finding[] {
  const changes = buttons.filter(
    (button, index) => index > 0 && (button.type === "QUICK_REPLY") !== (buttons[index - 1]?.type === "QUICK_REPLY"),
  ).length;
  return when(
    changes > 1,
    hard({
      code: "buttons_not_grouped",
      place: "buttons",
      problem: "quick replies and other buttons are mixed",
      fix: "Put all quick replies first or all last.",
    }),
  );
}

const needed = (place: string, value: string | undefined, what: string): readonly Finding[] =>
  when(
    (value ?? "").trim() === "",
    hard({ code: "missing", place, problem: `${what} is missing`, fix: `Add ${what}.` }),
  );

function buttonFindings(button: Button, place: string): readonly Finding[] {
  const { text = "" } = button;
  const labelled = button.type !== "COPY_CODE" && button.type !== "OTP";
  return [
    ...(labelled ? needed(`${place}.text`, button.text, "the label") : []),
    ...tooLong(`${place}.text`, text, 25),
    ...when(
      text.includes("{{"),
      hard({
        code: "label_variable",
        place: `${place}.text`,
        problem: "a label has no variables",
        fix: "Use fixed words.",
      }),
    ),
    ...kindFindings(button, place),
  ];
}

function kindFindings(button: Button, place: string): readonly Finding[] {
  switch (button.type) {
    case "URL":
      return urlFindings(button, place);
    case "PHONE_NUMBER":
      return [
        ...needed(`${place}.phoneNumber`, button.phoneNumber, "the phone number"),
        ...when(
          button.phoneNumber !== undefined && !/^\+[1-9]\d{5,18}$/.test(button.phoneNumber),
          hard({
            code: "phone_number",
            place: `${place}.phoneNumber`,
            problem: "the number is not in international form",
            fix: "Write it like +576015550147, at most 20 characters.",
          }),
        ),
      ];
    case "COPY_CODE":
      return [
        ...needed(`${place}.code`, button.code, "an example of the code"),
        ...tooLong(`${place}.code`, button.code ?? "", 15),
      ];
    case "QUICK_REPLY":
    case "OTP":
      return [];
  }
}

function urlFindings({ url = "", urlSample }: Button, place: string): readonly Finding[] {
  const at = `${place}.url`;
  const variables = url.match(/\{\{[^{}]*\}\}/g) ?? [];
  return [
    ...needed(at, url, "the address"),
    ...tooLong(at, url, 2000),
    ...when(
      url !== "" && !/^https:\/\/[^\s{}/]+/.test(url),
      hard({
        code: "url",
        place: at,
        problem: "the address does not begin with https:// and a host",
        fix: "Use a complete https address.",
      }),
    ),
    ...when(
      variables.length > 1 || (variables.length === 1 && !url.endsWith("{{1}}")),
      hard({
        code: "url_variable",
        place: at,
        problem: "an address has at most one variable, {{1}}, and only at its end",
        fix: "Put {{1}} at the end and nothing behind it.",
      }),
    ),
    ...when(
      variables.length === 1 && (urlSample ?? "") === "",
      hard({
        code: "sample_missing",
        place: at,
        problem: "the address has a variable but no example",
        fix: "Give a whole example address.",
      }),
    ),
    ...when(
      ownLinks.test(url),
      hard({
        code: "whatsapp_link",
        place: at,
        problem: "links to WhatsApp itself are refused",
        fix: "Use a quick reply or a phone number button.",
      }),
    ),
    ...when(
      shorteners.test(url),
      soft({
        code: "short_link",
        place: at,
        problem: "shortened links are often refused",
        fix: "Use the whole address of your own domain.",
      }),
    ),
  ];
}
