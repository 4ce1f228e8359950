import { hourMs } from "@greentick/kernel";
import { z } from "zod";
import { type MailSettings, type OidcSettings, type PeopleRules } from "./ports/people.js";

const url = (protocol: RegExp, example: string): z.ZodType<string> =>
  z.url({ protocol, error: `must be an address such as ${example}` });
const web = url(/^https?$/, "https://console.example.com");

/** Where mail goes, by the scheme of the address. */
const mailTarget = z.string().transform((text, context) => {
  if (/^smtps?:\/\/[^\s]+$/.test(text) && URL.canParse(text)) return { kind: "smtp", url: text } as const;
  const folder = /^file:(?:\/\/(?=\/))?(.+)$/.exec(text)?.[1];
  if (folder !== undefined) return { kind: "folder", path: folder } as const;
  context.addIssue({ code: "custom", message: "must be smtp://…, smtps://… or file:<folder>" });
  return z.NEVER;
});

/** Environment of people and their sign-in, to be spread into the service's own. */
export const peopleEnvironment = {
  /** `smtp://user:password@host:587`, `smtps://…`, or a folder: `file:data/mail`. */
  MAIL_URL: mailTarget.optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n<>]*<?[^\s@<>]+@[^\s@<>]+>?$/, "must be an address such as Greentick <no-reply@example.com>")
    .default("Greentick <no-reply@greentick.localhost>"),
  /** Pages that take the token of a link: `<CONSOLE_URL>/accept-invitation#token=…`. Default: those of the gateway in the same process. */
  CONSOLE_URL: web.optional(),
  STAFF_SECOND_FACTOR: z.enum(["required", "optional"]).default("required"),
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(300).max(900).default(600),
  STAFF_SESSION_HOURS: z.coerce.number().int().min(1).max(168).default(24),
  MEMBER_SESSION_HOURS: z.coerce.number().int().min(1).max(720).default(720),
  OIDC_ISSUER: web.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_REDIRECT_URL: web.optional(),
  OIDC_RETURN_URL: web.optional(),
  NODE_ENV: z.string().optional(),
};

type PeopleEnvironment = z.infer<z.ZodObject<typeof peopleEnvironment>>;
type Issue = (path: string, message: string) => void;

const oidcNames = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_REDIRECT_URL"] as const;

function oidcOf(env: PeopleEnvironment, issue: Issue): OidcSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  const { OIDC_REDIRECT_URL: redirectUrl, OIDC_RETURN_URL: returnUrl } = env;
  const missing = oidcNames.filter((name) => env[name] === undefined);
  if (missing.length === oidcNames.length && returnUrl === undefined) return undefined;
  for (const name of missing) issue(name, "is needed for signing in through an identity provider");
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || redirectUrl === undefined)
    return undefined;
  return { issuer, clientId, clientSecret, redirectUrl, ...(returnUrl !== undefined && { returnUrl }) };
}

export interface PeopleSettings {
  readonly mail: MailSettings;
  readonly rules: PeopleRules;
  /** Where links lead; undefined: to the gateway of the same process. */
  readonly pagesAt?: string;
  readonly oidc?: OidcSettings;
}

/** The settings, or problems told to `issue`. Times in ms. */
export function peopleSettings(env: PeopleEnvironment, issue: Issue): PeopleSettings {
  if (env.MAIL_URL === undefined && env.NODE_ENV === "production")
    issue("MAIL_URL", "is needed in production: without it nobody can be invited");
  if (env.CONSOLE_URL === undefined && env.NODE_ENV === "production")
    issue("CONSOLE_URL", "is needed in production: the links in messages lead there");
  const oidc = oidcOf(env, issue);
  return {
    mail: { target: env.MAIL_URL ?? { kind: "folder" as const, path: "data/mail" }, from: env.MAIL_FROM },
    rules: {
      staffSecondFactor: env.STAFF_SECOND_FACTOR,
      tokenTtlSeconds: env.ACCESS_TOKEN_SECONDS,
      staffSessionMs: env.STAFF_SESSION_HOURS * hourMs,
      memberSessionMs: env.MEMBER_SESSION_HOURS * hourMs,
    },
    ...(env.CONSOLE_URL !== undefined && { pagesAt: env.CONSOLE_URL.replace(/\/+$/, "") }),
    ...(oidc && { oidc }),
  };
}
