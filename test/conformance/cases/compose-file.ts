import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { root } from "./scratch.js";

const Check = z.object({ test: z.array(z.string()) });
const Process = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  healthcheck: Check.optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  networks: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  security_opt: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
});
export type ComposeProcess = z.infer<typeof Process>;
const Compose = z.object({
  services: z.record(z.string(), Process),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.unknown()),
});

const read = (path: string): string => readFileSync(join(root, path), "utf8");

const composeText = read("docker-compose.yml");
export const compose = Compose.parse(parse(composeText, { merge: true }));
export const dockerfile = read("infra/Dockerfile");
/** The image that the platform is built on, and the folder its Dockerfile is read from. */
export const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? "");

/** `NAME=value` and `# NAME=value` of the example, apart. */
const example = read(".env.example");
const assignments = (pattern: RegExp): Readonly<Record<string, string>> =>
  Object.fromEntries([...example.matchAll(pattern)].map(([, name, value]) => [name ?? "", value ?? ""]));
export const asked = assignments(/^([A-Z][A-Z0-9_]*)=(.*)$/gm);
export const offered = assignments(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm);

const variable = /\$(?:\$|\{([A-Z][A-Z0-9_]*)(?::([-?])([^}]*))?\})/g;

/** Every variable that compose puts in by itself. */
export const interpolated = (): ReadonlySet<string> =>
  new Set([...composeText.matchAll(variable)].flatMap(([, name]) => (name === undefined ? [] : [name])));

/** A text as compose hands it on: `${NAME}`, `${NAME:-default}`, `${NAME:?sentence}`, `$$`. @throws Error with the sentence. */
export const filled = (text: string, env: Readonly<Record<string, string>>): string =>
  text.replace(variable, (whole, name?: string, sign?: string, words?: string) => {
    if (name === undefined) return whole === "$$" ? "$" : whole;
    const value = env[name] ?? "";
    if (value !== "" || sign === undefined) return value;
    if (sign === "?") throw new Error(words ?? name);
    return words ?? "";
  });

export const environmentOf = (one: ComposeProcess, env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(one.environment).map(([name, value]) => [name, filled(value, env)]));
