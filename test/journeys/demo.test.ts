import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildAll } from "../federation/processes.js";

const program = join(__dirname, "../../gateway/dist/demo/main.js");

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo as a person runs it, on a small November. */
function demo(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, "--messages", "600", "--seed", "7", "--json", ...args], {
      env: { ...process.env, LOG_LEVEL: "error" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (out.stdout += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (out.stderr += chunk.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, ...out });
    });
  });
}

interface Difference {
  readonly level: string;
  readonly units: number;
  readonly cause: string;
  readonly explained: boolean;
}
interface Figures {
  readonly messagesIn: number;
  readonly unrated: number;
  readonly quarantined: number;
  readonly deadLettered: number;
  readonly clients: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly unexplained: number;
  readonly failedChecks: readonly { readonly what: string }[];
  readonly explanations: {
    readonly unrated: readonly { readonly reason: string; readonly count: number }[];
    readonly quarantined: readonly object[];
    readonly deadLettered: readonly object[];
    readonly differences: readonly Difference[];
  };
  readonly generated: {
    readonly injected: Readonly<Record<string, number>>;
    readonly counted: Readonly<Record<string, number>>;
  };
}
const figuresOf = (ran: Ran): Figures => JSON.parse(ran.stdout) as Figures;

const count = expect.any(Number) as unknown;
const micros = expect.stringMatching(/^-?\d+$/) as unknown;
const list = expect.any(Array) as unknown;

describe("the demo as a command", () => {
  let clean: Ran;
  let again: Ran;
  let losing: Ran;
  let doubling: Ran;
  beforeAll(async () => {
    buildAll();
    [clean, losing] = await Promise.all([demo(), demo("--lose", "2")]);
    [again, doubling] = await Promise.all([demo(), demo("--double", "2")]);
  });

  it("ends well, with exactly one object on stdout and its story on stderr", () => {
    expect([clean.code, clean.stderr.includes("FAILED")]).toEqual([0, false]);
    expect(clean.stdout.trim().split("\n")).toHaveLength(1);
    expect(figuresOf(clean)).toEqual({
      messagesIn: count,
      charged: count,
      free: count,
      duplicatesIgnored: count,
      late: count,
      unrated: count,
      quarantined: count,
      deadLettered: 0,
      clients: { "Lumbre Café": expect.any(Object) as unknown, "Andes Salud": expect.any(Object) as unknown },
      unexplained: 0,
      explanations: { unrated: list, quarantined: list, deadLettered: [], differences: list },
      generated: expect.any(Object) as unknown,
      failedChecks: [],
    });
    expect(clean.stderr).toContain("The month is reconciled");
  });

  it("states each client's money: ledger = invoice + carry", () => {
    for (const client of Object.values(figuresOf(clean).clients)) {
      expect(client).toEqual({
        currency: expect.stringMatching(/^[A-Z]{3}$/) as unknown,
        costMicros: micros,
        ledgerMicros: micros,
        stripeInvoiceMinor: count,
        carryMicros: micros,
      });
      const invoiced = BigInt(client["stripeInvoiceMinor"] as number) * 10_000n;
      expect(BigInt(client["ledgerMicros"] as string)).toBe(invoiced + BigInt(client["carryMicros"] as string));
    }
  });

  it("finds every duplicate, late and reordered message that was injected", () => {
    const { injected, counted } = figuresOf(clean).generated;
    expect(injected["duplicates"]).toBeGreaterThan(0);
    expect([counted["late"], counted["reordered"], counted["messages"]]).toEqual([
      injected["late"],
      injected["reordered"],
      injected["messages"],
    ]);
  });

  it("explains everything that is unrated or in quarantine", () => {
    const { unrated, quarantined, explanations } = figuresOf(clean);
    expect(explanations.unrated.reduce((sum, one) => sum + one.count, 0)).toBe(unrated);
    expect(explanations.quarantined).toHaveLength(quarantined);
  });

  it("gives the same object for the same seed, whenever it runs", () => {
    expect(again.code).toBe(0);
    expect(figuresOf(again)).toEqual(figuresOf(clean));
  });

  it("fails with one unexplained difference for each webhook that was withheld", () => {
    expect([losing.code, figuresOf(losing).unexplained]).toEqual([1, 2]);
    expect(figuresOf(losing).failedChecks.map(({ what }) => what)).toEqual(["unexplained differences of the month"]);
  });

  it("fails with one unexplained difference for each doubled line of Meta's invoice", () => {
    expect([doubling.code, figuresOf(doubling).unexplained]).toEqual([1, 2]);
    expect(figuresOf(doubling).failedChecks.map(({ what }) => what)).toEqual(["unexplained differences of the month"]);
  });
});
