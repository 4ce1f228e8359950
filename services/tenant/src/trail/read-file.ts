import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { TrailCheck, type Verdict, type VerifyOptions } from "./verify.js";

/** Longer than any record: a file without newlines is no trail, and is not read into memory. */
const longestLine = 4_000_000;
const newline = 10;

/** Lines as bytes, without their newlines; `whole` is false when the last one had none. */
async function eachLine(
  chunks: AsyncIterable<Buffer>,
  take: (line: Buffer) => boolean,
): Promise<{ readonly whole: boolean }> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      const piece = chunk.subarray(from, end);
      if (!take(rest.length === 0 ? piece : Buffer.concat([rest, piece]))) return { whole: true };
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > longestLine) break;
  }
  return { whole: rest.length === 0 };
}

const isDamagedGzip = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && String(error.code).startsWith("Z_");

/** Checks bytes as they come. */
export async function verifyTrail(chunks: AsyncIterable<Buffer>, options: VerifyOptions = {}): Promise<Verdict> {
  const check = new TrailCheck(options);
  try {
    const { whole } = await eachLine(chunks, (line) => check.take(line));
    return check.verdict(whole);
  } catch (error) {
    if (!isDamagedGzip(error)) throw error;
    return check.verdict(false);
  }
}

/** Checks an exported file, plain or gzip. @throws Error when it cannot be read. */
export async function verifyFile(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  const file = await open(path);
  const { buffer: magic } = await file.read(Buffer.alloc(2), 0, 2, 0).finally(() => file.close());
  const bytes = createReadStream(path);
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
  return verifyTrail(isGzip ? bytes.pipe(createGunzip()) : bytes, options);
}
