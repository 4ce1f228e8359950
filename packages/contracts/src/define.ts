import { type DomainEvent, type SourceWebhook } from "@greentick/kernel";
import { type z } from "zod";

/** An event that crosses services: its name, its version, the shape of its data, and the stream that carries it. */
export interface EventDefinition<S extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly version: number;
  readonly stream: string;
  readonly data: S;
  /** What it means, for the catalogue. */
  readonly meaning: string;
}

export type DataOf<E> = E extends EventDefinition<infer S> ? z.infer<S> : never;

const namePattern = /^([a-z][a-z_]*)\.[a-z][a-z_]*$/;

/**
 * Defines an event. The stream is the first word of the name: `tenant.created` travels on `tenant`.
 * @throws RangeError for a name that is not two words with a dot between, or a version below one.
 */
export function defineEvent<S extends z.ZodType>(
  type: string,
  version: number,
  ...[meaning, data]: [meaning: string, data: S]
): EventDefinition<S> {
  const stream = namePattern.exec(type)?.[1];
  if (stream === undefined)
    throw new RangeError(`"${type}" is no name of an event: it needs a stream, a dot, and a word`);
  if (!Number.isInteger(version) || version < 1) throw new RangeError(`${type} needs a version, counted from one`);
  return { type, version, stream, data, meaning };
}

export interface EventOptions {
  readonly reason?: string;
  readonly partitionKey?: string;
  readonly source?: SourceWebhook;
}

/** A domain event of that definition, ready for its envelope. */
export const event = <S extends z.ZodType>(
  definition: EventDefinition<S>,
  data: z.infer<S>,
  options: EventOptions = {},
): DomainEvent<z.infer<S>> => ({ type: definition.type, version: definition.version, data, ...options });
