import { DateTime } from "@greentick/graphql";
import { badInput } from "@greentick/kernel";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { type Change, mirrorSources, type MirrorSource } from "../../domain/mirror.js";

/** An enum of ours: upper case on the wire, the domain's word behind it. */
export function enumOf<W extends string>(name: string, words: readonly W[], description: string): Record<string, W> {
  const values = Object.fromEntries(words.map((word) => [word.toUpperCase(), word]));
  registerEnumType(values, { name, description });
  return values;
}

const MirrorSourceEnum = enumOf(
  "MirrorSource",
  mirrorSources,
  "A webhook, our own look at Meta, or a step of a signup case.",
);

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Tenant")
export class TenantRef {
  @Field(() => ID)
  id!: string;
}

@ObjectType("SignupFinding", { description: "Something that was found when a step was checked." })
export class FindingType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType("MirrorChange", { description: "A property of Meta's that changed." })
export class MirrorChangeType {
  @Field(() => String)
  field!: string;

  @Field(() => String, { nullable: true })
  from?: string;

  @Field(() => String)
  to!: string;

  @Field(() => DateTime, { description: "When Meta says it happened, or when we saw it." })
  at!: Date;

  @Field(() => MirrorSourceEnum)
  source!: MirrorSource;
}

export const toFindings = (evidence: Readonly<Record<string, string>>): FindingType[] =>
  Object.entries(evidence).map(([name, value]) => ({ name, value }));

/** Newest first, as people read. */
export const toChanges = (history: readonly Change[]): MirrorChangeType[] =>
  history.map((change) => ({ ...change })).reverse();

/** An id of Meta's. @throws BAD_USER_INPUT naming the field. */
export function metaIdOf(field: string, text: string): string {
  if (!/^\d{1,32}$/.test(text)) throw badInput(field, "an id of Meta's is decimal digits");
  return text;
}

/** Text with something in it, of bounded length. @throws BAD_USER_INPUT naming the field. */
export function textOf(field: string, text: string, mostCharacters: number): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > mostCharacters)
    throw badInput(field, `needs 1 to ${mostCharacters} characters`);
  return trimmed;
}

/** Drops what a client left out or gave as null. */
export const given = <T extends object>(values: T): { readonly [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as {
    readonly [K in keyof T]?: NonNullable<T[K]>;
  };
