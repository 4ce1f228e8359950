import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { sign } from "jsonwebtoken";
import { casa, otra } from "../fixtures/audit-events.js";
import {
  anchorOf,
  at,
  chainOf,
  check,
  each,
  exported,
  fileOf,
  linesOf,
  ours,
  recordAt,
  rewritten,
  signer,
  stranger,
} from "../fixtures/trails.js";
import { auditVerify } from "./command.js";
import { verifyTrail } from "./read-file.js";
import { type Anchor, type ExportedRecord } from "../domain/trail.js";
import { hashOfLink } from "./record.js";
import { type Verdict } from "./verify.js";

describe("checking an exported audit trail", () => {
  const records = chainOf(12);
  const [fifth, last] = [recordAt(records, 5), recordAt(records, 12)];
  const headerLines = 1;
  const anchorLines = 2;
  const lineOf = (sequence: number): number => headerLines + anchorLines + sequence - 1;
  let file: Buffer;
  beforeAll(async () => {
    file = await exported({ records, anchors: [anchorOf(fifth), anchorOf(last, "2026-10-02")] });
  });
  const changed = (change: (lines: string[]) => void): Buffer => {
    const lines = linesOf(file);
    change(lines);
    return fileOf(lines);
  };
  const line = (sequence: number): string => linesOf(file)[lineOf(sequence)] ?? "";

  it("finds an untouched one whole, whatever the sizes of the pieces in which it is read", async () => {
    const whole = {
      ok: true,
      tenantId: casa,
      firstSequence: 1,
      lastSequence: 12,
      records: 12,
      anchors: 2,
      keyIds: ["ours"],
    };
    expect(await check(file)).toMatchObject(whole);
    const pieces = Array.from({ length: Math.ceil(file.length / 7) }, (_, place) =>
      file.subarray(place * 7, place * 7 + 7),
    );
    expect(await verifyTrail(each(pieces))).toMatchObject(whole);
    expect(await check(await exported({ records: [] }))).toMatchObject({ ok: true, records: 0 });
  });

  const text = (words: string) => expect.stringContaining(words) as string;

  it("finds a part whole that begins where it says", async () => {
    const from = { firstSequence: 6, previousHash: fifth.hash };
    const part = await exported({ records: records.slice(5), anchors: [anchorOf(fifth)], from });
    expect(await check(part)).toMatchObject({ ok: true, firstSequence: 6, lastSequence: 12, anchors: 1 });
    const elsewhere = { firstSequence: 6, previousHash: last.hash };
    const moved = await exported({ records: [], anchors: [anchorOf(fifth)], from: elsewhere });
    expect((await check(moved)).flaw).toMatchObject({ sequence: 5 });
  });

  it("finds it whole after address and changes were erased, and says how many", async () => {
    const erased = records.map(({ link, hash }) => ({ link, hash }));
    expect(await check(await exported({ records: erased, erasedAt: at }))).toMatchObject({
      ok: true,
      erased: 12,
      erasedAt: at.toISOString(),
    });
  });

  it("names the first record whose address and changes were taken out of a tenant that was not erased", async () => {
    const bare = records.map(({ link, hash, ...rest }, place) =>
      place === 6 || place === 8 ? { link, hash } : { link, hash, ...rest },
    );
    expect(await check(await exported({ records: bare, anchors: [anchorOf(fifth)] }))).toMatchObject({
      ok: false,
      flaw: { line: 9, sequence: 7, problem: text("taken out, and the tenant was not erased") },
    });
  });

  it("refuses a file of the older format, which cannot tell what was erased from what was taken out", async () => {
    const older = changed((lines) => (lines[0] = (lines[0] ?? "").replace("greentick-audit/2", "greentick-audit/1")));
    expect((await check(older)).flaw).toMatchObject({ line: 1, problem: text("export the trail again") });
  });

  it.each<[name: string, sequence: number | undefined, problem: string, file: () => Buffer | Promise<Buffer>]>([
    [
      "a changed record",
      4,
      "was changed",
      () => changed((lines) => (lines[lineOf(4)] = line(4).replace("reason 3", "reason X"))),
    ],
    [
      "a changed address",
      4,
      "ip was changed",
      () => changed((lines) => (lines[lineOf(4)] = line(4).replace("203.0.113.77", "203.0.113.78"))),
    ],
    ["a deleted record", 7, "record 7 is missing: 8 stands", () => changed((lines) => lines.splice(lineOf(7), 1))],
    ["a deleted first record", 1, "record 1 is missing", () => changed((lines) => lines.splice(lineOf(1), 1))],
    ["a deleted last record", 12, "was cut: 12 records", () => changed((lines) => lines.splice(lineOf(12), 1))],
    [
      "an inserted record",
      5,
      "inserted, repeated or out of order",
      () => changed((lines) => lines.splice(lineOf(5), 0, line(4))),
    ],
    [
      "two records that changed places",
      5,
      "record 5 is missing: 6 stands",
      () => changed((lines) => ([lines[lineOf(5)], lines[lineOf(6)]] = [line(6), line(5)])),
    ],
    ["a cut tail of the file", 9, "signed end is missing", () => changed((lines) => lines.splice(lineOf(9)))],
    [
      "a tail that was cut in the store before the export",
      11,
      "it reached 12 on 2026-10-02",
      () => exported({ records: records.slice(0, 10), anchors: [anchorOf(fifth), anchorOf(last, "2026-10-02")] }),
    ],
    [
      "a chain that was written anew from a changed record on",
      5,
      "the chain was written anew",
      () =>
        exported({
          records: rewritten(
            records.map((one, place) =>
              place === 2 ? { ...one, link: { ...one.link, reason: "another" } as never } : one,
            ),
          ),
          anchors: [anchorOf(fifth)],
        }),
    ],
    [
      "a fork: two signed heads of one place",
      5,
      "fork",
      () => exported({ records, anchors: [anchorOf(fifth), { ...anchorOf(fifth, "2026-10-03"), hash: last.hash }] }),
    ],
    [
      "a record of another tenant",
      3,
      "another tenant's",
      () => exported({ records: [...records.slice(0, 2), recordAt(chainOf(3, otra), 3)] }),
    ],
  ])("names the place of %s", async (_, sequence, problem, made) => {
    const verdict = await check(await made());
    expect(verdict).toMatchObject({ ok: false, flaw: { sequence, problem: text(problem) } });
  });

  it.each<[name: string, file: () => Promise<Verdict>, problem: string]>([
    [
      "keys that were exchanged together with everything signed",
      async () => check(await exported({ records, by: stranger }), { keys: ours.keys }),
      "a signature does not hold",
    ],
    ["a key that is not known", async () => check(file, { keys: signer("another").keys }), "no key ours is known"],
    [
      "an access token in place of a signed head",
      async () => {
        const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const token = sign({ sub: "per_1" }, pair.privateKey, { algorithm: "RS256", keyid: "ours" });
        return check(changed((lines) => (lines[1] = JSON.stringify({ jws: token, type: "anchor" }))));
      },
      "it is no audit-anchor+jwt",
    ],
    [
      "a header of another export",
      async () => check(changed((lines) => (lines[0] = (lines[0] ?? "").replace("2026-10-02", "2026-10-03")))),
      "the header or an anchor line was changed",
    ],
    ["lines after the end", async () => check(changed((lines) => lines.push(line(12)))), "after the end"],
    ["a missing last newline", async () => check(file.subarray(0, -1)), "signed end is missing"],
    ["an empty file", async () => check(Buffer.alloc(0)), "signed end is missing"],
    ["another kind of file", async () => check(Buffer.from("PK\u0003\u0004\n")), "no header"],
    [
      "a duplicate key in a line",
      async () => check(changed((lines) => (lines[lineOf(3)] = line(3).replace('{"hash"', '{"hash":"","hash"')))),
      "no part of an exported trail",
    ],
  ])("refuses %s", async (_, verdict, problem) => {
    expect(await verdict()).toMatchObject({ ok: false, flaw: { problem: text(problem) } });
  });

  it("meets heads that were kept elsewhere: a tail that was cut in the store with its anchors shows", async () => {
    const short = await exported({ records: records.slice(0, 8) });
    const kept = [anchorOf(last), { ...anchorOf(fifth), tenantId: otra }].map((anchor) => ours.sign(anchor));
    expect(await check(short)).toMatchObject({ ok: true });
    expect((await check(short, { anchors: kept })).flaw).toMatchObject({ sequence: 9, problem: text("it reached 12") });
  });

  describe("of which heads were taken out of the store", () => {
    const [second, third] = [records.slice(1), records.slice(2)].map((rest) => rewritten(rest)) as [
      ExportedRecord[],
      ExportedRecord[],
    ];
    const days = (count: number): Date => new Date(Date.parse("2026-10-01T12:00:00Z") + count * 86_400_000);
    const signedAt = (record: ExportedRecord, when: Date): Anchor => ({
      ...anchorOf(record, when.toISOString().slice(0, 10)),
      at: when.toISOString(),
    });
    const newest = (chain: readonly ExportedRecord[]): ExportedRecord => recordAt(chain, chain.length);

    it("warns when no signed head was met, and finds nothing wrong with a chain of the last hour", async () => {
      const young = await exported({ records, exportedAt: new Date("2026-10-01T12:30:00Z") });
      const verdict = await check(young, { keys: ours.keys });
      expect(verdict).toMatchObject({ ok: true, anchors: 0, warnings: [text("No signed head was met")] });
      expect(await check(file, { keys: ours.keys })).toMatchObject({ ok: true, warnings: [] });
    });

    it("is a flaw with the deployment's keys, and a warning without: a chain renumbered and hashed anew, all of its heads gone", async () => {
      const anew = await exported({ records: second, exportedAt: days(40) });
      const problem = text("no signed head stands after it");
      expect(await check(anew, { keys: ours.keys })).toMatchObject({ ok: false, flaw: { sequence: 1, problem } });
      expect(await check(anew)).toMatchObject({ ok: true, warnings: [text("No signed head was met"), problem] });
    });

    it("is a flaw when the heads that would cover the newest records are gone", async () => {
      const anchors = [anchorOf(fifth)];
      const verdict = await check(await exported({ records, anchors, exportedAt: days(3) }), { keys: ours.keys });
      expect(verdict).toMatchObject({
        ok: false,
        flaw: { sequence: 6, problem: text("no signed head stands after it") },
      });
    });

    it("is warned of when the head was signed long after the records: the service signs what it finds", async () => {
      const anchors = [signedAt(newest(second), days(40))];
      const resigned = await exported({ records: second, anchors, exportedAt: days(40) });
      expect(await check(resigned, { keys: ours.keys })).toMatchObject({
        ok: true,
        anchors: 1,
        warnings: [text("came under a signed head more than two days later")],
      });
    });

    it("is a flaw for who kept a head, or an earlier export", async () => {
      const anchors = [signedAt(newest(third), days(40))];
      const resigned = await exported({ records: third, anchors, exportedAt: days(40) });
      const flawWith = async (kept: readonly string[]): Promise<unknown> =>
        (await check(resigned, { anchors: kept })).flaw;
      expect(await flawWith([ours.sign(anchorOf(fifth))])).toMatchObject({
        sequence: 5,
        problem: text("written anew"),
      });
      const end = (JSON.parse(linesOf(file).at(-1) ?? "") as { jws: string }).jws;
      expect(await flawWith([end])).toMatchObject({ problem: text("it reached 12") });
      const fewer = await exported({ records, anchors: [anchorOf(last)] });
      expect((await check(fewer, { anchors: [end] })).flaw).toMatchObject({
        problem: text("an earlier export had 2 signed heads, this one has 1"),
      });
    });

    it("is a flaw when none of the given heads lies in the export", async () => {
      const kept = [{ ...anchorOf(fifth), tenantId: otra }].map((anchor) => ours.sign(anchor));
      expect((await check(file, { anchors: kept })).flaw).toMatchObject({ problem: text("prove nothing about it") });
    });
  });

  it("finds any flipped bit, and names the first bad record when it was flipped in one", async () => {
    const starts = linesOf(file).map(
      (_, place, all) => Buffer.byteLength(all.slice(0, place).join("\n")) + (place > 0 ? 1 : 0),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length * 8 - 1), async (bit) => {
        const flipped = Buffer.from(file);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const verdict = await check(flipped);
        expect(verdict.ok).toBe(false);
        const sequence = starts.findLastIndex((start) => start <= bit >> 3) - lineOf(1) + 1;
        const inRecord = sequence >= 1 && sequence <= 12 && file[bit >> 3] !== 10;
        expect(inRecord ? verdict.flaw?.sequence : sequence).toBe(sequence);
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds any record that was taken out, repeated, exchanged or changed and hashed anew", async () => {
    const place = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(place, place, fc.constantFrom("drop", "repeat", "swap", "rehash"), async (a, b, kind) => {
        fc.pre(kind !== "swap" || a !== b);
        const tampered = changed((lines) => {
          if (kind === "drop") lines.splice(lineOf(a), 1);
          if (kind === "repeat") lines.splice(lineOf(b), 0, line(a));
          if (kind === "swap") [lines[lineOf(a)], lines[lineOf(b)]] = [line(b), line(a)];
          if (kind === "rehash") lines[lineOf(a)] = rehashed(line(a));
        });
        const verdict = await check(tampered);
        expect(verdict.ok).toBe(false);
        const first = { drop: a, repeat: b, swap: Math.min(a, b), rehash: a }[kind];
        expect([first, first + 1]).toContain(verdict.flaw?.sequence);
      }),
      { numRuns: 1_000 },
    );
  });

  function rehashed(text_: string): string {
    const record = JSON.parse(text_) as { link: Record<string, unknown>; hash: string };
    record.link["reason"] = "never said";
    record.hash = hashOfLink(record.link as never);
    return JSON.stringify(record);
  }

  describe("as a command", () => {
    const folder = mkdtempSync(join(tmpdir(), "greentick-trail-"));
    const kept = (name: string, content: Buffer | string): string => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it("ends with 0 for a whole trail, plain or gzip, and says how far its keys prove it", async () => {
      for (const [name, content] of [
        ["a.jsonl", file],
        ["a.jsonl.gz", gzipSync(file)],
      ] as const) {
        const said = await auditVerify([kept(name, content)]);
        expect(said).toMatchObject({ exitCode: 0, out: text("whole: 12 records") });
        expect(said.out).toContain("The keys came from the file itself.");
      }
      const jwks = kept("jwks.json", JSON.stringify(ours.keys));
      const anchors = kept("anchors.log", `{"jws":"${ours.sign(anchorOf(fifth))}","msg":"audit trail anchored"}\n`);
      const said = await auditVerify([join(folder, "a.jsonl"), "--jwks", jwks, "--anchors", anchors, "--json"]);
      expect(JSON.parse(said.out)).toMatchObject({ ok: true, keysFrom: "given", records: 12 });
    });

    it("says what a whole trail does not prove, and takes an earlier export for heads that were kept", async () => {
      const unanchored = kept("e.jsonl", await exported({ records }));
      expect(await auditVerify([unanchored])).toMatchObject({
        exitCode: 0,
        out: text("WARNING: No signed head was met"),
      });
      const earlier = await auditVerify([unanchored, "--anchors", kept("f.jsonl", file)]);
      expect(earlier).toMatchObject({ exitCode: 1, out: text("an earlier export had 2 signed heads") });
    });

    it("ends with 1 for a broken one and names the record", async () => {
      const broken = kept(
        "b.jsonl",
        changed((lines) => lines.splice(lineOf(7), 1)),
      );
      const words = "BROKEN at sequence 7 (line 10): record 7 is missing: 8 stands in its place";
      expect(await auditVerify([broken])).toEqual({ exitCode: 1, out: words });
    });

    it("ends with 1 for a gzip file that was cut or damaged", async () => {
      const packed = gzipSync(file);
      for (const [name, content] of [
        ["c.gz", packed.subarray(0, -40)],
        ["d.gz", packed.fill(7, 500, 520)],
      ] as const)
        expect(await auditVerify([kept(name, content)])).toMatchObject({ exitCode: 1 });
    });

    it("ends with 2 when there is nothing to check", async () => {
      for (const args of [[], ["no-such-file"], ["a", "b"], ["--what"]])
        expect(await auditVerify(args)).toMatchObject({ exitCode: 2, out: text("usage: npm run audit:verify") });
    });
  });
});
