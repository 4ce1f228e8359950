import { type Secrets } from "../../ports/people.js";

/** What a link is made of: the id of what it leads to, and a random number of this sending. */
export interface LinkParts {
  readonly id: string;
  readonly nonce: string;
}

/** The secret part of a link. It is computed where it is needed and kept nowhere: only its hash is in the store. */
export const linkToken = (
  secrets: Secrets,
  purpose: "invitation" | "password-reset",
  { id, nonce }: LinkParts,
): string => `${id}.${secrets.keyed(purpose, `${id}.${nonce}`)}`;

/** The id in a link's token; undefined for what has not the shape of one. */
export const linkTarget = (token: string): string | undefined =>
  /^([a-z]{3}_[0-9A-Z]{26})\.[\w-]{20,100}$/.exec(token)?.[1];
