import { spawn } from "node:child_process";
import { join } from "node:path";

const program = join(__dirname, "../../gateway/dist/demo/main.js");

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo as a person runs it, on a small November. */
function demo(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, "--messages", "300", "--seed", "7", "--json", ...args], {
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

interface Figures {
  readonly messagesIn: number;
  readonly clients: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly unexplained: number;
  readonly failedChecks: readonly { readonly what: string }[];
  readonly generated: {
    readonly injected: Readonly<Record<string, number>>;
    readonly counted: Readonly<Record<string, number>>;
  };
}
const figuresOf = (ran: Ran): Figures => JSON.parse(ran.stdout) as Figures;

const micros = expect.stringMatching(/^-?\d+$/) as unknown;

describe("the demo as a command", () => {
  let clean: Ran;
  let again: Ran;
  let flawed: Ran;
  beforeAll(async () => {
    clean = await demo();
    [again, flawed] = await Promise.all([demo(), demo("--lose", "2", "--double", "3")]);
  }, 600_000);

  it("ends well, with exactly one object on stdout and its story on stderr", () => {
    expect([clean.code, clean.stderr.includes("FAILED")]).toEqual([0, false]);
    expect(clean.stdout.trim().split("\n")).toHaveLength(1);
    expect(figuresOf(clean)).toMatchObject({
      messagesIn: expect.any(Number) as unknown,
      charged: expect.any(Number) as unknown,
      free: expect.any(Number) as unknown,
      duplicatesIgnored: expect.any(Number) as unknown,
      late: expect.any(Number) as unknown,
      unrated: expect.any(Number) as unknown,
      quarantined: expect.any(Number) as unknown,
      deadLettered: 0,
      unexplained: 0,
      failedChecks: [],
    });
  });

  it("states each client's money: ledger = invoice + carry", () => {
    const clients = Object.values(figuresOf(clean).clients);
    expect(clients).toHaveLength(2);
    for (const client of clients) {
      expect(client).toEqual({
        currency: expect.stringMatching(/^[A-Z]{3}$/) as unknown,
        costMicros: micros,
        ledgerMicros: micros,
        stripeInvoiceMinor: expect.any(Number) as unknown,
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

  it("gives the same figures for the same seed, whenever it runs", () => {
    const { explanations: _one, ...first } = JSON.parse(clean.stdout) as Record<string, unknown>;
    const { explanations: _other, ...second } = JSON.parse(again.stdout) as Record<string, unknown>;
    expect(second).toEqual(first);
  });

  it("fails with one unexplained difference for each withheld webhook and each doubled line of Meta's invoice", () => {
    expect(flawed.code).toBe(1);
    expect(figuresOf(flawed).unexplained).toBe(5);
    expect(figuresOf(flawed).failedChecks.map(({ what }) => what)).toEqual(["unexplained differences of the month"]);
  });
});
