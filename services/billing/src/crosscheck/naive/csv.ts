import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Row = Readonly<Record<string, string>>;

/** The published files hold no quotes, so a comma is a comma. */
function readRows(folder: string, file: string): readonly Row[] {
  const [head = "", ...lines] = readFileSync(join(folder, file), "utf8").trim().split("\n");
  const names = head.trim().split(",");
  return lines.map((line) =>
    Object.fromEntries(
      line
        .trim()
        .split(",")
        .map((cell, place) => [names[place] ?? "", cell]),
    ),
  );
}

/** Everything that Meta published, row by row: list prices, tier prices, and which country belongs to which market. */
export interface Published {
  readonly list: readonly Row[];
  readonly tiers: readonly Row[];
  readonly markets: readonly Row[];
}

export function readFolder(folder: string): Published {
  const files = readdirSync(folder).filter((file) => file.endsWith(".csv") && file !== "markets.csv");
  const isTiers = (file: string): boolean => file.endsWith("-tiers.csv");
  return {
    list: files.filter((file) => !isTiers(file)).flatMap((file) => readRows(folder, file)),
    tiers: files.filter(isTiers).flatMap((file) => readRows(folder, file)),
    markets: readRows(folder, "markets.csv"),
  };
}

export const cell = (row: Row, name: string): string => row[name] ?? "";

export const holdsOn = (row: Row, day: string): boolean =>
  cell(row, "effective_from") <= day && (cell(row, "effective_to") === "" || day <= cell(row, "effective_to"));
