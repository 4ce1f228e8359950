import { type Word } from "@greentick/kernel";
import { type ClassType, Directive, Field, ObjectType, registerEnumType } from "type-graphql";

/**
 * The wire type of a word of Meta's or Stripe's: `known` for programs, `raw` for what they really said. Their lists grow without
 * notice, so a new word arrives as UNKNOWN with its text instead of breaking a client.
 */
export function wordOf<K extends string>(name: string, known: readonly K[], description?: string): ClassType<Word<K>> {
  const values = Object.fromEntries([...known, "UNKNOWN"].map((value) => [value, value]));
  registerEnumType(values, {
    name: `${name}Known`,
    description: `The words of ${name} known so far; UNKNOWN stands for any other.`,
  });

  @Directive("@shareable")
  @ObjectType(name, {
    description: description ?? "A word of the provider's: the known one, and the raw text it sent.",
  })
  class WordType {
    @Field(() => values, { description: "UNKNOWN when the provider uses a word that this version does not know." })
    known!: K | "UNKNOWN";

    @Field(() => String, { description: "Exactly what the provider sent." })
    raw!: string;
  }
  return WordType;
}
