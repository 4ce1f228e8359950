// npm run points: the fault points at which a test build may stop, kill or delay the process, what is true at each, and where it stands
// in the code. Ends with 1 when the table names a point that no code reaches.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import kernel from "../../packages/kernel/dist/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isSource = (name) => name.endsWith(".ts") && !name.endsWith(".test.ts");

const sourcesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && isSource(entry.name) && !/node_modules|\bdist\b/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));

const places = new Map(Object.keys(kernel.faultPoints).map((name) => [name, []]));
for (const file of ["packages", "services", "gateway"].flatMap((folder) => sourcesOf(join(root, folder))))
  for (const [, name] of readFileSync(file, "utf8").matchAll(/faultPoint\("([^"]+)"\)/g))
    places.get(name)?.push(relative(root, file));

const width = Math.max(...[...places.keys()].map((name) => name.length));
for (const [name, truth] of Object.entries(kernel.faultPoints)) {
  const where = places.get(name);
  process.stdout.write(`${name.padEnd(width)}  ${truth}\n${" ".repeat(width)}  ${where.join(", ") || "NOT REACHED"}\n`);
}
if ([...places.values()].some((where) => where.length === 0)) process.exitCode = 1;
