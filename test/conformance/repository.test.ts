import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { z } from "zod";
import { root } from "./cases/scratch.js";

const git = (...args: string[]): readonly string[] =>
  execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 50_000_000 }).split("\0");
/** Every file that is or will be committed. */
const files = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
  .filter((path) => path !== "" && existsSync(join(root, path)))
  .sort();
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

const binary = [".png", ".ico", ".woff2"];
const lockfile = "package-lock.json";
const texts = files.filter((path) => !binary.includes(extname(path)) && path !== lockfile);

/** `file:line` of every line that matches. */
const linesWith = (pattern: RegExp, paths: readonly string[] = texts): readonly string[] =>
  paths.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
  );

const Dependencies = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  name: z.string(),
  license: z.string().optional(),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
  overrides: Dependencies,
});
const Locked = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});

const manifests = files
  .filter((path) => path.endsWith("package.json"))
  .map((path) => ({ path, ...Manifest.parse(JSON.parse(textOf(path))) }));
const lock = z.object({ packages: z.record(z.string(), Locked) }).parse(JSON.parse(textOf(lockfile))).packages;
const installed = Object.entries(lock)
  .filter(([path, { link }]) => path.includes("node_modules/") && !link)
  .map(([path, facts]) => ({ path, name: path.slice(path.lastIndexOf("node_modules/") + 13), ...facts }));

describe("what is committed", () => {
  it("names no folder of one machine", () => {
    const places = ["work", "home/[a-z]", "Users/[A-Za-z]", "root", "mnt"].join("|");
    expect(linesWith(new RegExp(`(^|[\\s"'\`(=:])(file://)?/(${places})/`))).toEqual([]);
    expect(linesWith(/[A-Z]:\\(Users|Documents)\\/)).toEqual([]);
  });

  it("names no registry: where packages come from is a matter of the machine", () => {
    const hosts = [
      "registry[.]npmjs",
      "registry[.]yarnpkg",
      "npmmirror[.]com",
      "npm[.]pkg[.]github",
      "jfrog[.]io",
    ].join("|");
    expect(linesWith(new RegExp(hosts), [...texts, lockfile])).toEqual([]);
  });

  it("has nothing left to do in a comment", () => {
    const code = texts.filter((path) => /\.(ts|mjs|cjs)$/.test(path));
    expect(linesWith(new RegExp(["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"].join("|")), code)).toEqual([]);
  });

  it("switches no check off by a comment where the rules of the business stand", () => {
    const rules = texts.filter((path) => /^services\/[^/]+\/src\/(domain|usecases)\//.test(path));
    const comments = [
      "eslint-disable",
      "@ts-ignore",
      "@ts-nocheck",
      "@ts-expect-error",
      "istanbul ignore",
      "c8 ignore",
    ];
    expect(rules.length).toBeGreaterThan(0);
    expect(linesWith(new RegExp(comments.join("|")), rules)).toEqual([]);
  });

  it("switches no compiler check off anywhere", () => {
    const code = texts.filter((path) => path.endsWith(".ts") && !path.startsWith("test/conformance/"));
    expect(linesWith(/@ts-(ignore|nocheck|expect-error)|eslint-disable/, code)).toEqual([]);
  });

  it("can be run where a command is meant to be run", () => {
    expect(statSync(join(root, ".ci/run")).mode & 0o111).not.toBe(0);
  });
});

describe("dependencies", () => {
  const named = manifests.flatMap(({ path, dependencies, devDependencies, optionalDependencies, overrides }) =>
    [dependencies, devDependencies, optionalDependencies, overrides]
      .flatMap((kind) => Object.entries(kind))
      .map(([library, version]) => ({ path, library, version })),
  );

  it("have one exact version each", () => {
    expect(named.filter(({ version }) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it("have the same version in every workspace", () => {
    const versions = new Map<string, Set<string>>();
    for (const { library, version } of named) versions.set(library, (versions.get(library) ?? new Set()).add(version));
    expect([...versions].filter(([, all]) => all.size > 1).map(([library]) => library)).toEqual([]);
  });

  it("are in the lockfile as the manifests ask for them", () => {
    for (const { path, dependencies, devDependencies, optionalDependencies } of manifests) {
      const locked = lock[path === "package.json" ? "" : dirname(path)];
      expect({ path, ...locked }).toMatchObject({ path, dependencies, devDependencies, optionalDependencies });
    }
  });

  it("have a checksum each, and come neither from a repository nor from a folder", () => {
    expect(installed.filter(({ integrity = "" }) => !integrity.startsWith("sha512-")).map(({ path }) => path)).toEqual(
      [],
    );
    expect(installed.filter(({ resolved }) => resolved !== undefined).map(({ path }) => path)).toEqual([]);
  });

  const allowed = new Set([
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "0BSD",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "Unlicense",
    "Python-2.0",
  ]);
  /** `(A OR B)` when one of them is allowed, `A AND B` when both are. */
  const isAllowed = (license: string): boolean =>
    license
      .replaceAll(/[()]/g, "")
      .split(" OR ")
      .some((choice) => choice.split(" AND ").every((one) => allowed.has(one.trim())));
  const installedLicense = (path: string): string => {
    const manifest = join(root, path, "package.json");
    if (!existsSync(manifest)) return "unknown";
    return z.object({ license: z.string().default("unknown") }).parse(JSON.parse(readFileSync(manifest, "utf8")))
      .license;
  };

  /**
   * Licences outside the list, each for one reason. Elastic-2.0 lets everybody run, change and pass on Apollo's gateway and composition, but
   * not offer them as a service of their own, which a provider's back end does not do; one process (`npm start`) runs without them. The
   * embedded store's SSPL-1.0 is for development: it is optional, in a process of its own, and the image is built without it.
   */
  const exceptions: Readonly<Record<string, RegExp>> = {
    "Elastic-2.0": /^@apollo\/(gateway|composition|federation-internals|query-graphs|query-planner)$/,
    "SSPL-1.0": /^@0q\/embedded-mongodb(-|$)/,
  };

  it("of production have licences that allow everything we do with them", () => {
    const production = installed.filter(({ dev }) => !dev);
    const refused = production
      .map(({ path, name, license }) => ({ name, license: license ?? installedLicense(path) }))
      .filter(({ name, license }) => !isAllowed(license) && exceptions[license]?.test(name) !== true);
    expect(production.length).toBeGreaterThan(100);
    expect(refused).toEqual([]);
  });

  it("take the embedded store only as an option", () => {
    const engine = installed.filter(({ license }) => license === "SSPL-1.0");
    expect(engine.length).toBeGreaterThan(0);
    expect(engine.filter(({ optional }) => !optional)).toEqual([]);
  });
});

describe("documents", () => {
  /** Links of a document to files, without code, anchors and addresses elsewhere. */
  const linksIn = (path: string): readonly string[] => {
    const prose = textOf(path)
      .replaceAll(/```[\s\S]*?```/g, "")
      .replaceAll(/`[^`\n]*`/g, "");
    const targets = [...prose.matchAll(/\]\(([^)\s]+)(?:\s"[^"]*")?\)/g), ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
    return targets.map(([, target]) => target ?? "").filter((target) => !/^([a-z]+:|#)/.test(target));
  };

  it("lead to files that exist", () => {
    const broken = files
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) => linksIn(path).map((target) => ({ path, target })))
      .filter(({ path, target }) => !existsSync(join(root, dirname(path), decodeURI(target.replace(/#.*$/, "")))));
    expect(broken).toEqual([]);
  });

  it("name programs of the build that exist", () => {
    const told = files.filter((path) => /\.(md|ya?ml)$|Dockerfile$/.test(path));
    const programs = told.flatMap((path) =>
      [...textOf(path).matchAll(/[\w-]+(?:\/[\w-]+)*\/dist\/[\w/-]+\.js/g)].map(([program]) => program),
    );
    expect(programs.length).toBeGreaterThan(0);
    const sources = programs.map((program) => program.replace("/dist/", "/src/").replace(/\.js$/, ".ts"));
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  it("introduce every package and every service", () => {
    const folders = manifests.map(({ path }) => dirname(path)).filter((folder) => ![".", "test"].includes(folder));
    expect(folders.filter((folder) => !existsSync(join(root, folder, "README.md")))).toEqual([]);
  });

  it("say under which licence the project and each part of it stand", () => {
    expect(textOf("LICENSE")).toMatch(/Apache License\s+Version 2\.0/);
    expect(manifests.filter(({ license }) => license !== "Apache-2.0").map(({ path }) => path)).toEqual([]);
  });
});
