import { type Observed } from "./subject.js";

/** What belongs to one request and to no other, and the ids that a comparison must not overlook. */
export interface Masking {
  /** The id that was asked for. */
  readonly asked: string;
  /** Ids of objects that were there before stay as they are, so that a wrong one is seen. */
  readonly isKnown: (id: string) => boolean;
}

const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const instant = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const made = /\b[a-z]{2,8}_[0-9A-Za-z-]{16,}/g;
const hash = /\b[0-9a-f]{32,}\b/g;
const sealed = /\b[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** The text without what makes it another one in every request: times, tokens, ids that came to be with it, hashes of the input. */
function masked(text: string, { asked, isKnown }: Masking): string {
  const unlessKnown =
    (mark: string) =>
    (found: string): string =>
      isKnown(found) ? found : mark;
  return text
    .replaceAll(asked, "<asked>")
    .replace(/\bagain:\d{9}\b/g, "<key>")
    .replace(token, "<token>")
    .replace(instant, "<time>")
    .replace(made, unlessKnown("<new>"))
    .replace(hash, unlessKnown("<hash>"))
    .replace(sealed, unlessKnown("<sealed>"));
}

type Body = Observed["body"];

/** Errors in an order of their own: GraphQL gives them none. */
const bodyText = (body: Body): string =>
  JSON.stringify({
    ...body,
    ...(body.errors && { errors: body.errors.map((one) => JSON.stringify(one)).toSorted() }),
  });

/** What can be seen of an answer from outside. */
export const answerText = ({ status, body }: Observed, masking: Masking): string =>
  masked(`${String(status)} ${bodyText(body)}`, masking);

/** Number and shape of what the store was asked, in an order of its own: fields are answered side by side. */
export const commandLines = ({ commands }: Observed, masking: Masking): readonly string[] =>
  commands.map(({ name, collection, shape }) => masked(`${name} ${collection} ${shape}`, masking)).toSorted();

/** Lines that stand in one list and not in the other. */
export function unlike(one: readonly string[], other: readonly string[]): readonly string[] {
  const rest = [...other];
  const extra = one.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  if (extra.length === 1 && rest.length === 1) return [parting(extra[0] ?? "", rest[0] ?? "")];
  return [...extra.map((line) => `+ ${line}`), ...rest.map((line) => `- ${line}`)];
}

/** The first place where two texts part, with some of what stands around it. */
export function parting(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `theirs …${one.slice(from, at + 160)}… | nobody's …${other.slice(from, at + 160)}…`;
}
