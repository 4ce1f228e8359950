import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { verifyFile } from "./read-file.js";
import { KeySet } from "./statement.js";
import { type Flaw, type Verdict, type VerifyOptions } from "./verify.js";

const usage = `usage: npm run audit:verify -- <file> [--jwks <file>] [--anchors <file>] [--json]
  <file>     an exported audit trail, plain or gzip
  --jwks     the deployment's public keys, got in another way than the file
  --anchors  signed heads kept elsewhere: one JWS a line, lines of the log that hold one, or an earlier export
  --json     the verdict as JSON
ends with 0 when the trail is whole, 1 when it is not, 2 when it cannot be read`;

export interface Said {
  readonly out: string;
  readonly exitCode: 0 | 1 | 2;
}

const jwsPattern = /[\w-]+\.[\w-]+\.[\w-]+/;

const anchorsIn = (path: string): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => line.match(new RegExp(jwsPattern, "g")) ?? [])
    .filter((text) => text.startsWith("eyJ"));

function optionsOf({
  jwks,
  anchors,
}: {
  readonly jwks?: string | undefined;
  readonly anchors?: string | undefined;
}): VerifyOptions {
  return {
    ...(jwks !== undefined && { keys: KeySet.parse(JSON.parse(readFileSync(jwks, "utf8"))) }),
    ...(anchors !== undefined && { anchors: anchorsIn(anchors) }),
  };
}

const unproven =
  "The keys came from the file itself. Compare these ids with those of the deployment, or give its keys with --jwks.";

function wordsOf(verdict: Verdict): string {
  if (verdict.flaw !== undefined) return brokenWords(verdict.flaw);
  const { tenantId = "", firstSequence = 0, lastSequence = 0, records, anchors, keyIds, keysFrom, warnings } = verdict;
  const lines = [
    `whole: ${records} records of ${tenantId}, ${firstSequence} to ${lastSequence}`,
    `signed heads met: ${anchors}; ${erasedWords(verdict)}`,
    `signed with: ${keyIds.join(", ")}`,
    ...warnings.map((warning) => `WARNING: ${warning}`),
  ];
  return [...lines, ...(keysFrom === "file" ? [unproven] : [])].join("\n");
}

const erasedWords = ({ erased, erasedAt }: Verdict): string =>
  erasedAt === undefined
    ? "the tenant was not erased"
    : `the tenant was erased at ${erasedAt}, and with it address and changes of ${erased} records`;

const brokenWords = ({ sequence, line, problem }: Flaw): string =>
  `BROKEN${sequence === undefined ? "" : ` at sequence ${sequence}`} (line ${line}): ${problem}`;

/** The command as a function: arguments in, words and exit code out. */
export async function auditVerify(args: readonly string[]): Promise<Said> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean" }, jwks: { type: "string" }, anchors: { type: "string" } },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) return { out: usage, exitCode: 2 };
    const verdict = await verifyFile(file, optionsOf(values));
    return {
      out: values.json === true ? JSON.stringify(verdict) : wordsOf(verdict),
      exitCode: verdict.ok ? 0 : 1,
    };
  } catch (error) {
    return {
      out: `It cannot be checked: ${error instanceof Error ? error.message : String(error)}\n${usage}`,
      exitCode: 2,
    };
  }
}
