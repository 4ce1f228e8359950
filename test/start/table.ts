/** The table of a start, as a person reads it. */
export interface StartTable {
  /** The lines beside each label. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** What stands alone on the line below a role. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Reads what `npm start` printed. Labels begin a line; lines that go on with a row are indented. */
export function readTable(stdout: string): StartTable {
  const tokens = [...stdout.matchAll(/^(\w+) \(.+\)\n(\S+)$/gm)].map(([, role = "", token = ""]) => [role, token]);
  const [, below = ""] = stdout.split(/^Greentick is running .*$/m);
  const rows: [string, string[]][] = [];
  for (const line of below.split("\n").filter((one) => one.trim() !== "")) {
    const [, label = "", text = ""] = /^(?:(\S.*?) {2,})?\s*(.*)$/.exec(line) ?? [];
    if (label === "") rows.at(-1)?.[1].push(text);
    else rows.push([label, [text]]);
  }
  return { rows: Object.fromEntries(rows), tokens: Object.fromEntries(tokens) as Record<string, string> };
}

/** The first word of a row that looks like this. @throws Error when the table does not say it. */
export function findIn({ rows }: StartTable, label: string, pattern: RegExp): string {
  const found = pattern.exec((rows[label] ?? []).join("\n"));
  const word = found?.[1] ?? found?.[0];
  if (word === undefined) throw new Error(`The row "${label}" says nothing like ${String(pattern)}.`);
  return word;
}
