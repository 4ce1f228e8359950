import { type Button, type TemplateContent } from "../content.js";
import { type Finding, hard, type Rule, when } from "./finding.js";

/** Meta: authentication templates. Their words are Meta's own; the client chooses the switches and the kind of button. */
export const authenticationRules: Rule = (content) =>
  content.category === "AUTHENTICATION" ? [...partFindings(content), ...codeButtonFindings(content.buttons)] : [];

function partFindings({ header, body, footer }: TemplateContent): readonly Finding[] {
  const minutes = footer?.codeExpirationMinutes;
  return [
    ...when(
      header !== undefined,
      hard({
        code: "authentication_header",
        place: "header",
        problem: "an authentication template has no header",
        fix: "Remove it.",
      }),
    ),
    ...when(
      body.text !== undefined || body.samples.length > 0,
      hard({
        code: "authentication_body",
        place: "body",
        problem: "the words of an authentication template are Meta's",
        fix: "Leave the text out; choose addSecurityRecommendation.",
      }),
    ),
    ...when(
      footer?.text !== undefined,
      hard({
        code: "authentication_footer",
        place: "footer",
        problem: "the footer of an authentication template is Meta's",
        fix: "Give codeExpirationMinutes only.",
      }),
    ),
    ...when(
      minutes !== undefined && (!Number.isInteger(minutes) || minutes < 1 || minutes > 90),
      hard({
        code: "code_expiration",
        place: "footer",
        problem: "a code expires after 1 to 90 minutes",
        fix: "Give a whole number from 1 to 90.",
      }),
    ),
  ];
}

function codeButtonFindings(buttons: readonly Button[]): readonly Finding[] {
  const [button] = buttons;
  if (button?.type !== "OTP" || buttons.length > 1)
    return [
      hard({
        code: "authentication_buttons",
        place: "buttons",
        problem: "an authentication template has exactly one button for the code",
        fix: "Use one button of type OTP.",
      }),
    ];
  const taps = button.otpType === "ONE_TAP" || button.otpType === "ZERO_TAP";
  return [
    ...when(
      button.otpType === undefined,
      hard({
        code: "missing",
        place: "buttons[0].otpType",
        problem: "the kind of code button is missing",
        fix: "Choose COPY_CODE, ONE_TAP or ZERO_TAP.",
      }),
    ),
    ...when(
      taps && ((button.packageName ?? "") === "" || button.signatureHash?.length !== 11),
      hard({
        code: "supported_app",
        place: "buttons[0]",
        problem: "filling in a code needs the app's package name and its signature hash of 11 characters",
        fix: "Give both.",
      }),
    ),
    ...when(
      button.otpType === "ZERO_TAP" && button.zeroTapTermsAccepted !== true,
      hard({
        code: "zero_tap_terms",
        place: "buttons[0]",
        problem: "zero-tap needs the acceptance of its terms",
        fix: "Accept them with zeroTapTermsAccepted, after reading.",
      }),
    ),
  ];
}
