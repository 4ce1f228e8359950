import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { control, type Target } from "./target.js";

const folder = join(__dirname, "../../../test/webhook-samples");

/** What one sample costs at Meta's list rates: micros of the currency as digits, or null where it announces no charge by itself. */
interface Expected {
  readonly charge: string | null;
  readonly currency: string;
}

/** The payloads of every kind of webhook, one file each. */
export const sampleFiles = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "expected.json")
    .sort();

const sampleBody = (file: string): string => readFileSync(join(folder, file), "utf8");

/** Sum of the charges that the samples must cause together, in micros of USD. */
export function expectedSampleMicros(): bigint {
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Readonly<
    Record<string, Expected>
  >;
  return Object.values(expected).reduce((sum, one) => sum + BigInt(one.charge ?? "0"), 0n);
}

/** The same list in another order; the seed decides which. */
const shuffled = <T>(items: readonly T[], seed: number): readonly T[] =>
  items
    .map((item, at) => ({
      item,
      key: createHash("sha256")
        .update(`${String(seed)}/${String(at)}`)
        .digest("hex"),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);

/** Posts every sample once, correctly signed, in a shuffled order. @throws Error naming the file that was not acknowledged. */
export async function postSamples(target: Target, seed: number): Promise<number> {
  const files = shuffled(sampleFiles(), seed);
  for (const file of files) {
    const { outcome } = await control<{ outcome: string }>(target.metaUrl, "webhooks/post", {
      body: sampleBody(file),
      count: true,
    });
    if (outcome !== "200") throw new Error(`The sample ${file} was answered ${outcome} instead of 200.`);
  }
  await target.settle();
  return files.length;
}

interface SampleBody {
  readonly entry?: readonly {
    readonly changes?: readonly { readonly value?: { readonly statuses?: readonly { readonly id: string }[] } }[];
  }[];
}

/** Distinct messages whose statuses the samples report. */
export function sampleMessages(): number {
  const bodies = sampleFiles().map((file) => JSON.parse(sampleBody(file)) as SampleBody);
  const values = bodies.flatMap(({ entry = [] }) =>
    entry.flatMap(({ changes = [] }) => changes.map(({ value }) => value)),
  );
  return new Set(values.flatMap((value) => value?.statuses?.map(({ id }) => id) ?? [])).size;
}
