import { type Body, type Button, type Footer, type Header, type TemplateContent } from "../../domain/content.js";
import {
  type BodyShape,
  type ButtonShape,
  type FooterShape,
  type HeaderShape,
  type TemplateContentInput,
} from "./content.types.js";

type Present<T> = { readonly [K in keyof T]: NonNullable<T[K]> };
/** Drops what a client left out or gave as null. */
export const given = <T extends object>(values: T): Partial<Present<T>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as Partial<Present<T>>;

const headerOf = ({ format, samples, text, mediaHandle }: HeaderShape): Header => ({
  format,
  samples: samples ?? [],
  ...given({ text, mediaHandle }),
});
const bodyOf = ({ text, samples, addSecurityRecommendation }: BodyShape): Body => ({
  samples: samples ?? [],
  ...given({ text, addSecurityRecommendation }),
});
const footerOf = ({ text, codeExpirationMinutes }: FooterShape): Footer => given({ text, codeExpirationMinutes });
const buttonOf = ({ type, ...rest }: ButtonShape): Button => ({ type, ...given(rest) });

/** The wire's input as the domain's content; the name and language stand beside it. */
export const contentOf = ({
  category,
  header,
  body,
  footer,
  buttons,
}: TemplateContentInput): Omit<TemplateContent, "name" | "language"> => ({
  category,
  ...(header && { header: headerOf(header) }),
  body: bodyOf(body),
  ...(footer && { footer: footerOf(footer) }),
  buttons: (buttons ?? []).map(buttonOf),
});
