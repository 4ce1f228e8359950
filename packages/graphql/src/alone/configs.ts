import { ConfigError, loadConfig } from "@greentick/runtime";
import { type z } from "zod";

export type Env = Readonly<Record<string, string | undefined>>;
type Schemas = Readonly<Record<string, z.ZodType>>;

/** Several configurations out of one environment. @throws ConfigError listing the problems of all of them at once. */
export function configsOf<S extends Schemas>(schemas: S, env: Env): { readonly [K in keyof S]: z.infer<S[K]> } {
  const problems: string[] = [];
  const read = (schema: z.ZodType): unknown => {
    try {
      return loadConfig(schema, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.message.split("\n").slice(1));
      return undefined;
    }
  };
  const configs = Object.entries(schemas).map(([name, schema]) => [name, read(schema)] as const);
  const distinct = [...new Set(problems)];
  const count = distinct.length === 1 ? "a problem" : `${distinct.length} problems`;
  if (distinct.length > 0) throw new ConfigError(`The configuration has ${count}:\n${distinct.join("\n")}`);
  return Object.fromEntries(configs) as { [K in keyof S]: z.infer<S[K]> };
}
