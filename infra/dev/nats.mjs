// Finds a NATS server, or fetches Debian's: prints the path of its program. In this order: NATS_SERVER_BIN; `nats-server` on the PATH; what an
// earlier call left in the project's cache; the package of Debian's that this machine's own package lists name, unpacked there. Nothing is
// installed and no rights are needed; lists that are missing are read into a folder of their own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "node_modules", ".cache", "greentick", "nats-server");
const inPackage = ["usr/sbin/nats-server", "usr/bin/nats-server"];

const onPath = () =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "nats-server"))
    .find((path) => existsSync(path));

const unpackedIn = (folder) => inPackage.map((path) => join(folder, path)).find((path) => existsSync(path));

const run = (command, args, cwd) => {
  const done = spawnSync(command, args, { cwd, encoding: "utf8" });
  const said = `${done.stderr ?? ""}${done.error?.message ?? ""}`.trim().split("\n").at(-1);
  return { ok: done.status === 0, said };
};

/** Package lists of our own, where the machine has none or they are out of date. */
const ownLists = (folder) => {
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, "apt", path), { recursive: true });
  return [
    "-o",
    `Dir::State::lists=${join(folder, "apt", "lists")}`,
    "-o",
    `Dir::Cache=${join(folder, "apt", "cache")}`,
  ];
};

function download(folder) {
  const asSelf = ["-q", "-o", "APT::Sandbox::User="];
  if (run("apt-get", [...asSelf, "download", "nats-server"], folder).ok) return;
  const lists = ownLists(folder);
  const updated = run("apt-get", [...asSelf, ...lists, "update"], folder);
  const loaded = run("apt-get", [...asSelf, ...lists, "download", "nats-server"], folder);
  if (!loaded.ok) throw new Error(loaded.said || updated.said);
}

function unpack(folder) {
  const file = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (file === undefined) throw new Error("apt-get brought no package");
  const done = run("dpkg", ["-x", file, join(folder, "unpacked")], folder);
  if (!done.ok) throw new Error(done.said);
}

/** Complete before it can be seen under its name: two test files may ask at once. */
function fetchPackage() {
  const folder = mkdtempSync(join(tmpdir(), "greentick-nats-"));
  try {
    download(folder);
    unpack(folder);
    const staged = mkdtempSync(`${cache}-`);
    const copied = run("cp", ["-R", `${join(folder, "unpacked")}/.`, staged]);
    if (!copied.ok) throw new Error(copied.said);
    try {
      renameSync(staged, cache);
    } catch {
      rmSync(staged, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function find() {
  const named = process.env.NATS_SERVER_BIN || onPath() || unpackedIn(cache);
  if (named !== undefined) return named;
  mkdirSync(join(cache, ".."), { recursive: true });
  fetchPackage();
  return unpackedIn(cache);
}

try {
  process.stdout.write(`${find()}\n`);
} catch (error) {
  process.stderr.write(
    `No NATS server: set NATS_SERVER_BIN, put nats-server on the PATH, or run this where Debian's packages can be read (${error.message}).\n`,
  );
  process.exitCode = 1;
}
