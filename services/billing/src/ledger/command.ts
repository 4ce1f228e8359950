import { parseArgs } from "node:util";
import { decimalFromMicros, type Scope, systemScope } from "@greentick/kernel";
import {
  type BalanceDifference,
  type BalancePorts,
  rebuildBalances,
  verifyBalances,
} from "../usecases/verify-balances.js";
import { readMonth } from "../usecases/read-month.js";

const usage = `usage: npm run ledger -- verify|rebuild <month> [--json]
  verify   compares every balance of the month with the sum of its entries and names the differences
  rebuild  adds every window of the month up again from its entries, then verifies
  <month>  for example 2026-11
  --json   the differences as JSON
MONGODB_URI names the store, DATABASE_PREFIX what stands before the names of its databases (greentick_).
ends with 0 when all agree, 1 when something differs, 2 when it cannot be read`;

export interface Said {
  readonly out: string;
  readonly exitCode: 0 | 1 | 2;
}

const sideWords = ({ count, chargeMicros }: BalanceDifference["entries"]): string =>
  `${count} entries, ${decimalFromMicros(chargeMicros)}`;
const words = (one: BalanceDifference): string =>
  `${one.tenantId} ${one.bucket} ${one.day}: the ledger has ${sideWords(one.entries)}; the balance says ${sideWords(one.balance)}`;

/** The command as a function: arguments in, words and exit code out. */
export async function ledgerCommand(ports: BalancePorts, args: readonly string[]): Promise<Said> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const [verb, text = ""] = positionals;
  if ((verb !== "verify" && verb !== "rebuild") || positionals.length !== 2) return { out: usage, exitCode: 2 };
  const [month, scope]: [ReturnType<typeof readMonth>, Scope] = [readMonth(text), systemScope("month-close")];
  const rebuilt = verb === "rebuild" ? [`rebuilt: ${await rebuildBalances(ports)(scope, month)} windows`] : [];
  const differences = await verifyBalances(ports)(scope, month);
  const exitCode = differences.length === 0 ? 0 : 1;
  if (values.json) return { out: JSON.stringify(differences, digits), exitCode };
  const end =
    exitCode === 0 ? `all balances of ${month} agree with the ledger` : `${differences.length} windows differ`;
  return { out: [...rebuilt, ...differences.map(words), end].join("\n"), exitCode };
}

const digits = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
