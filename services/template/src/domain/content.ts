/** What a template says, as a client drafts it. Fields that do not belong to a part are found by the pre-check, not refused by types. */
export const categories = ["MARKETING", "UTILITY", "AUTHENTICATION"] as const;
export type Category = (typeof categories)[number];

export const headerFormats = ["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] as const;
export type HeaderFormat = (typeof headerFormats)[number];

export const buttonTypes = ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP"] as const;
export type ButtonType = (typeof buttonTypes)[number];

export const otpTypes = ["COPY_CODE", "ONE_TAP", "ZERO_TAP"] as const;
export type OtpType = (typeof otpTypes)[number];

/** An example value of a variable; Meta's reviewers see it. */
export interface Sample {
  /** Without braces: `1` or `first_name`. */
  readonly variable: string;
  readonly value: string;
}

export interface Header {
  readonly format: HeaderFormat;
  /** TEXT only: at most 60 characters, at most one variable. */
  readonly text?: string;
  readonly samples: readonly Sample[];
  /** IMAGE, VIDEO, DOCUMENT: handle of a sample uploaded to Meta (resumable upload). */
  readonly mediaHandle?: string;
}

export interface Body {
  /** At most 1024 characters; absent for AUTHENTICATION, whose words are Meta's. */
  readonly text?: string;
  readonly samples: readonly Sample[];
  /** AUTHENTICATION only. */
  readonly addSecurityRecommendation?: boolean;
}

export interface Footer {
  /** At most 60 characters, no variables. */
  readonly text?: string;
  /** AUTHENTICATION only: 1 to 90. */
  readonly codeExpirationMinutes?: number;
}

export interface Button {
  readonly type: ButtonType;
  /** At most 25 characters. */
  readonly text?: string;
  /** URL: at most 2000 characters, one variable and only at the end. */
  readonly url?: string;
  /** URL with a variable: a whole example address. */
  readonly urlSample?: string;
  readonly phoneNumber?: string;
  /** COPY_CODE: an example of at most 15 characters. */
  readonly code?: string;
  readonly otpType?: OtpType;
  readonly autofillText?: string;
  readonly packageName?: string;
  readonly signatureHash?: string;
  readonly zeroTapTermsAccepted?: boolean;
}

export interface TemplateContent {
  /** Lower case letters, digits and underscores. */
  readonly name: string;
  /** Meta's code with an underscore: `es_CO`. */
  readonly language: string;
  readonly category: Category;
  readonly header?: Header;
  readonly body: Body;
  readonly footer?: Footer;
  readonly buttons: readonly Button[];
}
