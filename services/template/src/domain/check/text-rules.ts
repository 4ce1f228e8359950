import { type Sample, type TemplateContent } from "../content.js";
import { parameterFormatOf, variablesOf } from "../variables.js";
import { type Finding, hard, lengthOf, type Rule, soft, tooLong, when } from "./finding.js";

const emoji = /\p{Extended_Pictographic}/gu;
const markup = /[*_~`\n]/;
const adjacent = /\}\}\s*\{\{/;

const missing = (place: string, what: string): Finding =>
  hard({ code: "missing", place, problem: `${what} is missing`, fix: `Add ${what}.` });

/** Variables of one text: well formed, apart from each other, numbered without gaps, each with one sample. */
function variableFindings(place: string, text: string, samples: readonly Sample[]): readonly Finding[] {
  const { names, malformed } = variablesOf(text);
  const distinct = [...new Set(names)];
  const sampled = samples.filter((sample) => sample.value.trim() !== "").map((sample) => sample.variable);
  const unsampled = distinct.filter((name) => !sampled.includes(name));
  const extra = samples.map((sample) => sample.variable).filter((name) => !distinct.includes(name));
  return [
    ...malformed.map((name) =>
      hard({
        code: "variable_malformed",
        place,
        problem: `"{{${name.slice(0, 30)}}}" is no variable`,
        fix: "Write {{1}} or {{first_name}}: a number, or lower case letters, digits and underscores, in two braces each.",
      }),
    ),
    ...when(
      adjacent.test(text),
      hard({
        code: "variables_adjacent",
        place,
        problem: "two variables stand next to each other with no text between them",
        fix: "Put words between them.",
      }),
    ),
    ...unsampled.map((name) =>
      hard({
        code: "sample_missing",
        place,
        problem: `the variable {{${name}}} has no sample`,
        fix: "Give an example value without personal data.",
      }),
    ),
    ...extra.map((name) =>
      hard({
        code: "sample_without_variable",
        place,
        problem: `there is a sample for {{${name.slice(0, 30)}}}, which the text does not use`,
        fix: "Remove the sample or use the variable.",
      }),
    ),
    ...numberingFindings(place, distinct),
  ];
}

/** Numbered variables are 1…n without gaps (Meta: message templates, parameters). */
function numberingFindings(place: string, distinct: readonly string[]): readonly Finding[] {
  const numbers = distinct.filter((name) => /^\d+$/.test(name)).map(Number);
  const gaps = Math.max(0, ...numbers) !== numbers.length;
  return when(
    gaps,
    hard({
      code: "variables_not_consecutive",
      place,
      problem: "numbered variables start at {{1}} and leave no number out",
      fix: "Number them {{1}}, {{2}}, {{3}} in this text.",
    }),
  );
}

function bodyTextFindings(text: string): readonly Finding[] {
  const { names } = variablesOf(text);
  const words = text
    .replace(/\{\{[^{}]*\}\}/g, " ")
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  const trimmed = text.trim();
  return [
    ...tooLong("body", text, 1024),
    ...when(
      trimmed.startsWith("{{") || trimmed.endsWith("}}"),
      hard({
        code: "variable_at_edge",
        place: "body",
        problem: "the text begins or ends with a variable",
        fix: "Begin and end with words.",
      }),
    ),
    ...when(
      names.length > 0 && words < 2 * names.length + 1,
      hard({
        code: "too_many_variables",
        place: "body",
        problem: `${names.length} variables are too many for ${words} words`,
        fix: `Write at least ${2 * names.length + 1} words around them, or use fewer variables.`,
      }),
    ),
    ...when(
      /\n{3,}/.test(text) || / {5,}/.test(text) || text.includes("\t"),
      hard({
        code: "white_space",
        place: "body",
        problem: "there are more than two line breaks or four spaces in a row, or a tab",
        fix: "Use at most two line breaks and four spaces in a row, and no tabs.",
      }),
    ),
    ...when(
      (text.match(emoji) ?? []).length > 10,
      soft({ code: "many_emojis", place: "body", problem: "there are more than ten emojis", fix: "Use at most ten." }),
    ),
  ];
}

/** Meta: message templates, header component. */
export const headerRules: Rule = ({ header }) => {
  if (header === undefined) return [];
  const { format, text = "", samples, mediaHandle } = header;
  if (format === "TEXT")
    return [
      ...when(text.trim() === "", missing("header", "the text of the header")),
      ...tooLong("header", text, 60),
      ...variableFindings("header", text, samples),
      ...when(
        new Set(variablesOf(text).names).size > 1,
        hard({
          code: "header_variables",
          place: "header",
          problem: "a header has at most one variable",
          fix: "Move the others into the body.",
        }),
      ),
      ...when(
        markup.test(text) || (text.match(emoji) ?? []).length > 0,
        hard({
          code: "header_markup",
          place: "header",
          problem: "a header has no emoji, line break or formatting mark (* _ ~ `)",
          fix: "Use plain words on one line.",
        }),
      ),
    ];
  const isMedia = format !== "LOCATION";
  return [
    ...when(
      isMedia && (mediaHandle ?? "") === "",
      missing("header", `the handle of a sample ${format.toLowerCase()} uploaded to Meta`),
    ),
    ...when(
      text !== "",
      hard({
        code: "header_text",
        place: "header",
        problem: `a header with ${format} has no text`,
        fix: "Move the text into the body.",
      }),
    ),
  ];
};

/** Meta: message templates, body component. */
export const bodyRules: Rule = (content) => {
  const { text = "", samples } = content.body;
  if (content.category === "AUTHENTICATION") return [];
  if (text.trim() === "") return [missing("body", "the text of the body")];
  return [
    ...bodyTextFindings(text),
    ...variableFindings("body", text, samples),
    ...formatFindings(content),
    ...longMarketing(content),
  ];
};

const formatFindings = (content: TemplateContent): readonly Finding[] =>
  when(
    parameterFormatOf(content) === undefined,
    hard({
      code: "variables_mixed",
      place: "body",
      problem: "numbered and named variables are mixed",
      fix: "Use numbers everywhere or names everywhere.",
    }),
  );

const longMarketing = ({ category, body, buttons }: TemplateContent): readonly Finding[] =>
  when(
    category === "MARKETING" && buttons.length > 0 && lengthOf(body.text ?? "") > 550,
    soft({
      code: "long_with_buttons",
      place: "body",
      problem: "a marketing text of more than 550 characters with buttons is often refused",
      fix: "Shorten the text to 550 characters.",
    }),
  );

/** Meta: message templates, footer component. */
export const footerRules: Rule = ({ footer, category }) => {
  if (footer === undefined || category === "AUTHENTICATION") return [];
  const { text = "" } = footer;
  return [
    ...when(text.trim() === "", missing("footer", "the text of the footer")),
    ...tooLong("footer", text, 60),
    ...when(
      text.includes("{{"),
      hard({
        code: "footer_variable",
        place: "footer",
        problem: "a footer has no variables",
        fix: "Move the variable into the body.",
      }),
    ),
    ...when(
      footer.codeExpirationMinutes !== undefined,
      hard({
        code: "authentication_only",
        place: "footer",
        problem: "an expiry of a code belongs to authentication templates",
        fix: "Remove it or change the category to AUTHENTICATION.",
      }),
    ),
  ];
};
