// What every command of the root does first: the right Node, the dependencies of the lockfile, an up-to-date build. All of it speaks on
// stderr, so that a command's own stdout stays clean, and each step is skipped when nothing changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const marker = join(root, "node_modules", ".greentick-lock");
const turn = join(root, ".turbo", "prepare.lock");
const patienceMs = 15 * 60_000;
const lookEveryMs = 200;

const say = (sentence) => process.stderr.write(`${sentence}\n`);

const fail = (sentence) => {
  say(sentence);
  process.exit(1);
};

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Greentick needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

function run(what, command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.error?.code === "ENOENT") fail(`${what} needs ${command}, which is not on the PATH.`);
  if (done.signal !== null) fail(`${what} was stopped by ${done.signal}.`);
  if (done.status !== 0) fail(`${what} failed (${[command, ...args].join(" ")}): the lines above say why.`);
}

const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
};

const hashOf = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

function libcHere() {
  if (process.platform !== "linux") return undefined;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

const isForHere = ({ os, cpu, libc }) =>
  os?.includes(process.platform) === true &&
  cpu?.includes(process.arch) === true &&
  (libc === undefined || libc.includes(libcHere()));

/**
 * Whether node_modules is what the lockfile asks for. npm writes its own record of what it installed at the very end, so an install that
 * was broken off has an old record or none; a folder that was removed by hand is seen because each one is looked for. Packages that are
 * optional may be missing after an install of this lockfile went through.
 */
function isInstalled() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const present = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (wanted === undefined) return fail("package-lock.json is missing or damaged: restore it from the repository.");
  if (present === undefined) return false;
  const isDone = existsSync(marker) && readFileSync(marker, "utf8") === hashOf(join(root, "package-lock.json"));
  const isNeeded = (facts) => facts.optional !== true || (!isDone && isForHere(facts));
  const isThere = (path) => existsSync(join(root, path, "package.json"));
  return (
    Object.keys(present).every(isThere) &&
    Object.entries(wanted)
      .filter(([path, facts]) => path.includes("node_modules/") && isNeeded(facts))
      .every(([path, { version }]) => present[path] !== undefined && present[path].version === version)
  );
}

/** npm as it was called, or the one on the PATH. */
function npm(what, args) {
  const { npm_execpath: script } = process.env;
  if (script?.endsWith(".js")) run(what, process.execPath, [script, ...args]);
  else run(what, process.platform === "win32" ? "npm.cmd" : "npm", args);
}

function install() {
  if (isInstalled()) return;
  say("Installing dependencies (npm ci) …");
  // NODE_ENV=production must not leave out what builds and tests.
  const flags = [
    "--loglevel=error",
    "--ignore-scripts",
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--no-fund",
  ];
  npm("Installing dependencies", ["ci", ...flags]);
  writeFileSync(marker, hashOf(join(root, "package-lock.json")));
}

function build() {
  if (!existsSync(join(root, "gateway", "dist"))) say("Building …");
  run("Building", process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);
}

const lives = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
};

function takeTurn() {
  mkdirSync(join(root, ".turbo"), { recursive: true });
  try {
    writeFileSync(turn, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const holder = readJson(turn);
    if (Number.isInteger(holder) && !lives(holder)) rmSync(turn, { force: true });
    return false;
  }
}

/** Two commands that start together install and build one after the other; what a killed one left behind is ignored. */
function inTurn(work) {
  const started = Date.now();
  for (let looks = 0; !takeTurn(); looks += 1) {
    if (looks === 10) say("Waiting for another command that installs or builds …");
    if (Date.now() - started > patienceMs)
      fail(`Another command is still installing or building; if none is, remove ${turn}.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookEveryMs);
  }
  const leave = () => rmSync(turn, { force: true });
  process.once("exit", leave);
  work();
  process.removeListener("exit", leave);
  leave();
}

/** Installs what is missing; ends the process with one sentence when it cannot. */
export function prepareTools() {
  checkNode();
  inTurn(install);
}

/** Installs what is missing and builds what changed; ends the process with one sentence when it cannot. */
export function prepare() {
  checkNode();
  inTurn(() => {
    install();
    build();
  });
}
