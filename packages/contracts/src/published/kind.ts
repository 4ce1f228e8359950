import { type Permission } from "@greentick/kernel";
import { z } from "zod";

/** One kind of event as clients receive it, in one version of its payload. */
export interface PublishedKind<S extends z.ZodType = z.ZodType> {
  /** `template.advanced`: what it is about, a dot, what happened. A subscription to `template.*` gets all of the first word. */
  readonly kind: string;
  /** Version of the payload; fields are only ever added within one. */
  readonly version: number;
  readonly meaning: string;
  /** Whoever may not read such things may not have them sent either. */
  readonly permission: Permission;
  readonly data: S;
  readonly example: z.infer<S>;
}

type Told<S extends z.ZodType> = Omit<PublishedKind<S>, "kind" | "version">;

/** @throws RangeError for a name that is not two words with a dot between. */
export function publishKind<S extends z.ZodType>(kind: string, version: number, told: Told<S>): PublishedKind<S> {
  if (!/^[a-z][a-z_]*\.[a-z][a-z_]*$/.test(kind)) throw new RangeError(`"${kind}" is no kind of event`);
  return { kind, version, ...told };
}

/** Instants are text in a payload. */
export const time = z.iso.datetime().describe("RFC 3339, UTC, milliseconds.");
/** A word of Meta's: ours where we know it, and as it came. */
export const word = z.object({ known: z.string(), raw: z.string() });
export const ourId = (what: string): z.ZodString => z.string().describe(`Our id of the ${what}.`);
export const metaText = (what: string): z.ZodString => z.string().describe(`Meta's id of the ${what}.`);

/** The body of a message, after Standard Webhooks (`type`, `timestamp`, `data`). */
const bodyOf = ({ kind, version, data }: PublishedKind): z.ZodObject =>
  z.object({
    id: z.string().describe("Of the event, the same in every repeat; also in the header `webhook-id`."),
    type: z.literal(kind),
    timestamp: time.describe("When it happened, in the business's time: in a sandbox the clock that can be set."),
    tenantId: z.string().describe("The business it happened in."),
    livemode: z.boolean().describe("False in a sandbox."),
    version: z.literal(version).describe("Of this payload."),
    test: z.literal(true).optional().describe("Present in samples that were asked for."),
    data,
  });

/** JSON Schema (2020-12) of the whole body. It takes fields that it does not name: a later release may add some. */
export const jsonSchemaOf = (kind: PublishedKind): Record<string, unknown> =>
  z.toJSONSchema(bodyOf(kind), { target: "draft-2020-12", io: "input" });

/** What is wrong with a body of ours, in words; undefined when it is as published, without a field beside those. */
export function problemOf(kind: PublishedKind, body: unknown): string | undefined {
  const data = kind.data instanceof z.ZodObject ? kind.data.strict() : kind.data;
  const parsed = bodyOf({ ...kind, data })
    .strict()
    .safeParse(body);
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}
