import { type LocalPlatform } from "../local/local-platform.js";

/** What a bench found. */
export interface Outcome {
  /** One object, for machines. */
  readonly figures: object;
  /** The same in words, for people. */
  readonly rows: readonly (readonly [string, string])[];
  /** How it was measured. */
  readonly how: string;
  /** Bounds that do not hold, each in one sentence. */
  readonly broken: readonly string[];
}

export interface Bench {
  readonly what: string;
  /** Variables of the platform that is measured, where they differ from a local one's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly run: (on: LocalPlatform, dataDir: string) => Promise<Outcome>;
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const rounded = (value: number): number => Math.round(value * 100) / 100;
