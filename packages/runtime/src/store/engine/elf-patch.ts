/**
 * Makes a Linux x86-64 library that was linked against glibc 2.38 load on glibc 2.36 and 2.37.
 *
 * Linking on 2.38 binds a handful of C functions to symbol versions that older systems lack although they have the very
 * same functions: `fmod`, and the `__isoc23_` twins of `strtol`, `sscanf` and friends. The edit points the version
 * requirement `GLIBC_2.38` at `GLIBC_2.2.5`, which every x86-64 glibc has, and cuts the `__isoc23_` off the names.
 */

const TOO_NEW = "GLIBC_2.38";
const BASE = { name: "GLIBC_2.2.5", hash: 0x09691a75 };
const C23_PREFIX = "__isoc23_";
const SECTION = { dynsym: 11, versionNeeds: 0x6ffffffe, versionOfSymbol: 0x6fffffff } as const;
const SYMBOL_BYTES = 24;

interface Section {
  type: number;
  offset: number;
  size: number;
  link: number;
}

/** Edits the bytes of an ELF library in place and returns how many symbols were rebound. 0: there was nothing to do. */
export function bindToOlderGlibc(elf: Buffer): number {
  const sections = sectionsOf(elf);
  const versions = new Set(renameVersions(elf, sections));
  return versions.size === 0 ? 0 : renameSymbols(elf, sections, versions);
}

function sectionsOf(elf: Buffer): Section[] {
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46) throw new Error("not an ELF file");
  const start = Number(elf.readBigUInt64LE(40));
  const [bytes, count] = [elf.readUInt16LE(58), elf.readUInt16LE(60)];
  return Array.from({ length: count }, (_, index) => sectionAt(elf, start + index * bytes));
}

const sectionAt = (elf: Buffer, at: number): Section => ({
  type: elf.readUInt32LE(at + 4),
  offset: Number(elf.readBigUInt64LE(at + 24)),
  size: Number(elf.readBigUInt64LE(at + 32)),
  link: elf.readUInt32LE(at + 40),
});

function find(sections: readonly Section[], type: number): Section {
  const found = sections.find((section) => section.type === type);
  if (!found) throw new Error(`the library has no section of type ${type}`);
  return found;
}

function stringsOf(sections: readonly Section[], owner: Section): Section {
  const strings = sections[owner.link];
  if (!strings) throw new Error("the library names a string table it does not have");
  return strings;
}

const textAt = (elf: Buffer, at: number): string => elf.toString("latin1", at, elf.indexOf(0, at));

/** Returns the version numbers that used to mean 2.38. A record's next-offset of 0 ends its list. */
function renameVersions(elf: Buffer, sections: readonly Section[]): number[] {
  const needs = find(sections, SECTION.versionNeeds);
  const strings = stringsOf(sections, needs).offset;
  const records = [...versionRecords(elf, needs.offset)];
  const base = records.find((at) => textAt(elf, strings + elf.readUInt32LE(at + 8)) === BASE.name);
  const renamed = records.filter((at) => textAt(elf, strings + elf.readUInt32LE(at + 8)) === TOO_NEW);
  if (renamed.length > 0 && base === undefined) throw new Error(`the library does not name ${BASE.name}`);
  for (const at of renamed) {
    elf.writeUInt32LE(BASE.hash, at);
    elf.writeUInt32LE(elf.readUInt32LE((base ?? at) + 8), at + 8);
  }
  return renamed.map((at) => elf.readUInt16LE(at + 6));
}

function* versionRecords(elf: Buffer, start: number): Generator<number> {
  for (let file = start, step = 1; step !== 0; file += step) {
    for (let at = file + elf.readUInt32LE(file + 8), next = 1; next !== 0; at += next) {
      yield at;
      next = elf.readUInt32LE(at + 12);
    }
    step = elf.readUInt32LE(file + 12);
  }
}

function renameSymbols(elf: Buffer, sections: readonly Section[], versions: ReadonlySet<number>): number {
  const symbols = find(sections, SECTION.dynsym);
  const versionTable = find(sections, SECTION.versionOfSymbol).offset;
  const strings = stringsOf(sections, symbols).offset;
  let rebound = 0;
  for (let index = 0; index * SYMBOL_BYTES < symbols.size; index += 1) {
    const at = symbols.offset + index * SYMBOL_BYTES;
    if (elf.readUInt16LE(at + 6) !== 0 || !versions.has(elf.readUInt16LE(versionTable + index * 2))) continue;
    rebound += 1;
    const name = elf.readUInt32LE(at);
    if (textAt(elf, strings + name).startsWith(C23_PREFIX)) elf.writeUInt32LE(name + C23_PREFIX.length, at);
  }
  return rebound;
}
