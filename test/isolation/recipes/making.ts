import { ask, type Target } from "@greentick/gateway";
import { type MongoClient } from "mongodb";
import { type Recipe, type SideName } from "../subject.js";
import { type Mailbox } from "../world/mail.js";
import { type Side, type SideCaller } from "../world/sides.js";

/** What recipes are made with. */
export interface Making {
  readonly target: Target;
  readonly sides: Readonly<Record<SideName, Side>>;
  readonly mongo: MongoClient;
  readonly databasePrefix: string;
  readonly mail: Mailbox;
  /** From now on the side's guest is whoever holds this token. */
  readonly become: (side: SideName, token: string) => void;
}

/** Asks as somebody of the side, for what an input needs beforehand. */
export const asking =
  ({ target, sides }: Pick<Making, "target" | "sides">) =>
  <T>(
    side: SideName,
    caller: SideCaller,
    document: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<T> =>
    ask<T>(target, sides[side].tokens[caller], document, variables);

const made: Record<string, number> = {};

/** A number that is another one each time a word is counted at a side: the same at both sides, so that natural keys are. */
export function counted(side: SideName, word: string): string {
  const key = `${side}:${word}`;
  made[key] = (made[key] ?? 0) + 1;
  return String(made[key]);
}

export const recipe = (as: string, input: Recipe["input"], also?: Recipe["input"]): Recipe => ({
  as,
  input,
  ...(also && { also }),
});
/** For an input that is known at once. */
export const plainly = (as: string, input: (side: SideName) => Readonly<Record<string, unknown>>): Recipe =>
  recipe(as, (side) => Promise.resolve(input(side)));
