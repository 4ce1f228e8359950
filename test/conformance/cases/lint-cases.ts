import { join } from "node:path";
import { root, type Scratch } from "./scratch.js";

/** Text that one rule refuses where it stands, and its nearest lawful relative. `file` is where both stand; the second may stand elsewhere. */
export interface LintCase {
  readonly rule: string;
  readonly what: string;
  readonly in: string;
  readonly breach: string;
  readonly fine: string;
  /** The place of the lawful one, when the place is the difference. */
  readonly fineIn?: string;
}

const domain = "services/alpha/src/domain";
const usecases = "services/alpha/src/usecases";
const adapters = "services/alpha/src/adapters/mongo";
const syntax = "no-restricted-syntax";
const ts = (rule: string): string => `@typescript-eslint/${rule}`;

const clocks: readonly LintCase[] = [domain, usecases, "packages/kernel/src"].flatMap((place) => [
  {
    rule: syntax,
    what: "a new Date() of the machine",
    in: place,
    breach: `export const at = (): Date => new Date();`,
    fine: `export const at = (ms: number): Date => new Date(ms);`,
  },
  {
    rule: syntax,
    what: "Date.now()",
    in: place,
    breach: `export const at = (): number => Date.now();`,
    fine: `export const at = (now: () => Date): number => now().getTime();`,
  },
  {
    rule: syntax,
    what: "Math.random()",
    in: place,
    breach: `export const dice = (): number => Math.random();`,
    fine: `export const most = (a: number, b: number): number => Math.max(a, b);`,
  },
]);

const floats: readonly LintCase[] = [domain, usecases, "packages/kernel/src"].flatMap((place) => [
  {
    rule: syntax,
    what: "toFixed",
    in: place,
    breach: `export const shown = (rate: number): string => rate.toFixed(2);`,
    fine: `export const shown = (rate: bigint): string => rate.toString();`,
  },
  {
    rule: syntax,
    what: "a number with a point",
    in: place,
    breach: `export const perMessage = 0.0625;`,
    fine: `export const perMessageMicros = 62_500n;`,
  },
  {
    rule: syntax,
    what: "a number below one by its exponent",
    in: place,
    breach: `export const perMicro = 1e-6;`,
    fine: `export const microsPerUnit = 1e6;`,
  },
]);

const anywhere = [domain, usecases, "packages/kernel/src", adapters, "services/alpha/src", "packages/contracts/src"];
const floatsOfMoney: readonly LintCase[] = anywhere.flatMap((place) => [
  {
    rule: syntax,
    what: "parseFloat",
    in: place,
    breach: `export const read = (text: string): number => parseFloat(text);`,
    fine: `export const read = (text: string): bigint => BigInt(text);`,
  },
  {
    rule: syntax,
    what: "Number.parseFloat",
    in: place,
    breach: `export const read = (text: string): number => Number.parseFloat(text);`,
    fine: `export const read = (text: string): number => Number.parseInt(text, 10);`,
  },
  {
    rule: syntax,
    what: "money made a number",
    in: place,
    breach: `export const euros = (amountMicros: bigint): number => Number(amountMicros) / 1_000_000;`,
    fine: `export const cents = (amountMicros: bigint): bigint => amountMicros / 10_000n;`,
  },
  {
    rule: syntax,
    what: "money of something made a number",
    in: place,
    breach: `export const euros = (entry: { readonly cost: bigint }): number => Number(entry.cost) / 1_000_000;`,
    fine: `export const units = (entry: { readonly units: bigint }): number => Number(entry.units);`,
  },
  {
    rule: syntax,
    what: "a field of money that is a number",
    in: place,
    breach: `export interface Entry { readonly amountMicros: number }`,
    fine: `export interface Entry { readonly amountMicros: bigint; readonly count: number }`,
  },
  {
    rule: syntax,
    what: "a parameter of money that is a number",
    in: place,
    breach: `export const twice = (costMicros: number): number => costMicros * 2;`,
    fine: `export const twice = (costMicros: bigint): bigint => costMicros * 2n;`,
  },
]);

/** Every block of rules that names its own syntax has to name this too. */
const shapes: readonly LintCase[] = [...anywhere, "packages/runtime/src"].map((place) => ({
  rule: syntax,
  what: "a shape made for one object",
  in: place,
  breach: `export const from = (ip: () => string): object => ({ get ip() { return ip(); } });`,
  fine: `export const from = (ip: () => string): object => ({ ip });`,
}));

const purity: readonly LintCase[] = [
  {
    rule: syntax,
    what: "an await",
    in: domain,
    breach: `export const wait = async (given: Promise<number>): Promise<number> => (await given) + 1;`,
    fine: `export const plus = (given: number): number => given + 1;`,
  },
  {
    rule: syntax,
    what: "an await outside a use case",
    in: domain,
    breach: `export async function wait(given: Promise<number>): Promise<number> { return (await given) + 1; }`,
    fine: `export async function wait(given: Promise<number>): Promise<number> { return (await given) + 1; }`,
    fineIn: usecases,
  },
  {
    rule: syntax,
    what: "an async function without an await",
    in: domain,
    breach: `export const promised = async (given: Promise<number>): Promise<number> => given;`,
    fine: `export const given = (value: number): number => value;`,
  },
  ...[domain, usecases].map((place) => ({
    rule: "no-restricted-globals",
    what: "a timer of the machine",
    in: place,
    breach: `export const later = (act: () => void): void => { setTimeout(act, 1); };`,
    fine: `export const later = (at: (act: () => void) => void, act: () => void): void => { at(act); };`,
  })),
  {
    rule: "no-restricted-globals",
    what: "a network call of the machine",
    in: usecases,
    breach: `export const ask = (url: string): Promise<Response> => fetch(url);`,
    fine: `export const ask = (url: string): Promise<Response> => fetch(url);`,
    fineIn: adapters,
  },
];

const everywhere: readonly LintCase[] = [
  {
    rule: "no-restricted-properties",
    what: "the environment outside main.ts",
    in: adapters,
    breach: `export const home = process.env["HOME"];`,
    fine: `export const home = process.env["HOME"];`,
    fineIn: "services/alpha/src/main.ts",
  },
  {
    rule: "no-restricted-properties",
    what: "the environment outside a test",
    in: "packages/runtime/src",
    breach: `export const { env } = process;\nexport const home = process.env["HOME"];`,
    fine: `it("reads", () => { expect(process.env["HOME"]).not.toBe(""); });`,
    fineIn: "packages/runtime/src/reads.test.ts",
  },
  {
    rule: "no-restricted-imports",
    what: "another package's inside",
    in: adapters,
    breach: `import "@greentick/kernel/money.js";`,
    fine: `import "@greentick/kernel";`,
  },
  {
    rule: ts("method-signature-style"),
    what: "a port in method style",
    in: "services/alpha/src",
    breach: `export interface Store { get(id: string): string }`,
    fine: `export interface Store { readonly get: (id: string) => string }`,
  },
  {
    rule: ts("switch-exhaustiveness-check"),
    what: "a state that a switch forgets",
    in: domain,
    breach: `export const said = (is: "on" | "off"): string => { switch (is) { case "on": return "yes"; } return ""; };`,
    fine: `export const said = (is: "on" | "off"): string => { switch (is) { case "on": return "yes"; case "off": return "no"; } };`,
  },
  {
    rule: "no-console",
    what: "the console",
    in: adapters,
    breach: `console.log("hello");`,
    fine: `export const say = (log: (line: string) => void): void => { log("hello"); };`,
  },
  {
    rule: "eqeqeq",
    what: "a loose comparison",
    in: domain,
    breach: `export const same = (a: number, b: number): boolean => a == b;`,
    fine: `export const none = (a: number | null | undefined): boolean => a == null;`,
  },
  {
    rule: ts("explicit-module-boundary-types"),
    what: "an export without its type",
    in: domain,
    breach: `export const plus = (a: number) => a + 1;`,
    fine: `const inner = (a: number) => a + 1;\nexport const plus = (a: number): number => inner(a);`,
  },
  {
    rule: ts("consistent-type-imports"),
    what: "types imported as values",
    in: adapters,
    breach: `import { Server } from "node:http";\nexport type Host = Server;`,
    fine: `import { type Server } from "node:http";\nexport type Host = Server;`,
  },
  {
    rule: ts("no-extraneous-class"),
    what: "a class that is only a namespace",
    in: domain,
    breach: `export class Tools { static twice(a: number): number { return a * 2; } }`,
    fine: `const wire = (made: object): void => { void made; };\n@wire\nexport class Wire {}`,
  },
  {
    rule: ts("restrict-template-expressions"),
    what: "an object in a sentence",
    in: domain,
    breach: "export const said = (what: object): string => `it is ${what}`;",
    fine: "export const said = (count: number): string => `there are ${count}`;",
  },
  {
    rule: ts("no-confusing-void-expression"),
    what: "nothing returned as something",
    in: adapters,
    breach: `const act = (): void => undefined;\nexport const acted = (): void => act();`,
    fine: `const act = (): void => undefined;\nexport const acted = (): void => { act(); };`,
  },
  {
    rule: ts("no-explicit-any"),
    what: "any",
    in: adapters,
    breach: `export const keep = (it: any): void => { void it; };`,
    fine: `export const keep = (it: unknown): void => { void it; };`,
  },
  {
    rule: ts("no-floating-promises"),
    what: "a promise nobody waits for",
    in: adapters,
    breach: `export const start = (work: () => Promise<void>): void => { work(); };`,
    fine: `export const start = async (work: () => Promise<void>): Promise<void> => { await work(); };`,
  },
  {
    rule: ts("ban-ts-comment"),
    what: "the compiler switched off by a comment",
    in: usecases,
    breach: `// @ts-ignore\nexport const count: number = 1;`,
    fine: `export const count = 1;`,
  },
  {
    rule: "no-debugger",
    what: "a rule switched off by a comment",
    in: domain,
    breach: `// eslint-disable-next-line no-debugger\ndebugger;`,
    fine: `// eslint-disable-next-line no-debugger\ndebugger;`,
    fineIn: adapters,
  },
  {
    rule: "max-params",
    what: "four parameters",
    in: domain,
    breach: `export const sum = (a: number, b: number, c: number, d: number): number => a + b + c + d;`,
    fine: `export const sum = (a: number, b: number, c: number): number => a + b + c;`,
  },
  {
    rule: "max-lines-per-function",
    what: "a function longer than a screen",
    in: domain,
    breach: `export function long(): void {\n${"  void 0;\n".repeat(60)}}`,
    fine: `export function short(): void {\n${"  void 0;\n".repeat(50)}}`,
  },
  {
    rule: "complexity",
    what: "eleven ways through a function",
    in: domain,
    breach: `export const ways = (a: number): number => ${"0123456789"
      .split("")
      .map((n) => `a === ${n} ? ${n} :`)
      .join(" ")} 0;`,
    fine: `export const ways = (a: number): number => (a === 0 ? 0 : a === 1 ? 2 : 3);`,
  },
  {
    rule: "jest/expect-expect",
    what: "a test that asserts nothing",
    in: "services/alpha/src/empty.test.ts",
    breach: `it("does nothing", () => { void 0; });`,
    fine: `declare const storeContract: () => void;\nit("keeps its contract", () => { storeContract(); });`,
    fineIn: "services/alpha/src/full.test.ts",
  },
];

export const lintCases: readonly LintCase[] = [
  ...clocks,
  ...floats,
  ...floatsOfMoney,
  ...shapes,
  ...purity,
  ...everywhere,
];

/** A place is a folder, in which a case has a file of its own, or a file. */
const fileIn = (place: string, name: string): string => (place.endsWith(".ts") ? place : `${place}/${name}.ts`);
export const breachFile = (at: number): string => fileIn(lintCases[at]?.in ?? "", `breach-${at}`);
export const fineFile = (at: number): string => {
  const { in: place, fineIn } = lintCases[at] ?? { in: "" };
  return fileIn(fineIn ?? place, `fine-${at}`);
};

/** A folder like the repository, in which every case has its two files. */
export function plantLintCases({ write }: Scratch): void {
  const options = { composite: false, noEmit: true, rootDir: ".", types: ["node", "jest"] };
  const compilerOptions = { ...options, typeRoots: [join(root, "node_modules/@types")], customConditions: null };
  const include = ["packages", "services"];
  const exclude: string[] = [];
  write(
    "tsconfig.check.json",
    JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, include, exclude }),
  );
  lintCases.forEach(({ breach, fine }, at) => {
    write(breachFile(at), `${breach}\nexport {};\n`);
    write(fineFile(at), `${fine}\nexport {};\n`);
  });
}
