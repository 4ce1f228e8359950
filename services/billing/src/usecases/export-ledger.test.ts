import { type ExportAnswer, type ExportQuestion } from "@greentick/contracts";
import { microsFromDecimal, type Permission } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { parse } from "csv-parse/sync";
import { exportFormats } from "../adapters/csv/export-formats.js";
import { type StatementRow } from "../domain/invoice.js";
import { BillingWorld } from "../fixtures/billing-world.js";
import { entriesAtOnce } from "./export-ledger.js";

interface Money {
  readonly amount: string;
  readonly currency: string;
}
interface StatementNode {
  readonly rows: readonly {
    readonly kind: string;
    readonly bucket: string;
    readonly market: string;
    readonly messages: number;
    readonly freeMessages: number;
    readonly rate: Money | null;
    readonly charge: Money;
  }[];
  readonly totals: readonly { readonly entries: number; readonly messages: number; readonly charge: Money }[];
}

describe("a client's month on paper", () => {
  const w = new BillingWorld("2026-10-01T10:00:00.000Z");
  const { casa, otra } = someTenants;
  /** More than one part of an export. */
  const messages = 620;

  beforeAll(async () => {
    const client = await w.liveClient(casa);
    await w.liveClient(otra);
    await w.open(casa, 'percent: { basisPoints: 1500 }, platformFee: "29"', ["Brazil"]);
    await w.pass("2026-11-12T10:00:00Z");
    for (let at = 0; at < messages; at += 124) await w.deliver(client, "2026-11-10T09:00:00Z", 124);
    await w.world.settle();
  });

  const statement = async (): Promise<StatementNode> => {
    const source = `{ statement(month: "2026-11") { rows { kind bucket market messages freeMessages rate { amount currency }
      charge { amount currency } } totals { entries messages charge { amount currency } } } }`;
    return (await w.ask<{ statement: StatementNode }>(w.as(casa), source)).statement;
  };
  const micros = (amounts: readonly string[]): bigint =>
    amounts.reduce((sum, amount) => sum + microsFromDecimal(amount), 0n);

  const download = async (more: Partial<ExportQuestion>): Promise<{ text: string; parts: number }> => {
    let [text, parts, after] = ["", 0, undefined as string | undefined];
    do {
      const answer: ExportAnswer = await w.world.service.exportLedger({
        ...{ tenantId: casa, ancestorIds: [], permissions: ["billing:read"] as Permission[] },
        ...{ what: "entries", format: "csv", month: "2026-11" },
        ...more,
        ...(after !== undefined && { after }),
      });
      if (!answer.ok) throw new Error(answer.reason);
      text += answer.text;
      parts += 1;
      after = answer.next;
    } while (after !== undefined);
    return { text, parts };
  };
  const rowsOf = (text: string): Record<string, string>[] => parse(text, { columns: true });

  it("names counts, markets, rates and sums, and the total is that of the rows", async () => {
    const { rows, totals } = await statement();
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ kind: "USAGE", bucket: "marketing.brazil", market: "Brazil", messages, freeMessages: 0 },
        rate: { amount: "0.0625", currency: "USD" },
        charge: { amount: "44.5625", currency: "USD" },
      }),
      expect.objectContaining({ kind: "PLATFORM_FEE", charge: { amount: "29", currency: "USD" } }),
    ]);
    expect(totals).toEqual([{ entries: messages + 1, messages, charge: { amount: "73.5625", currency: "USD" } }]);
  });

  it("is the same to the micro as a file, line by line as well", async () => {
    const whole = 73_562_500n;
    const csv = rowsOf((await download({ what: "statement" })).text);
    const [total] = csv.filter(({ kind }) => kind === "total");
    expect(microsFromDecimal(total?.["charge"] ?? "")).toBe(whole);
    expect(micros(csv.flatMap((row) => (row["kind"] === "total" ? [] : (row["charge"] ?? []))))).toBe(whole);
    const entries = await download({ what: "entries" });
    expect(entries.parts).toBe(Math.ceil((messages + 1) / entriesAtOnce));
    const lines = rowsOf(entries.text);
    expect(lines).toHaveLength(messages + 1);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(messages + 1);
    expect(micros(lines.map(({ charge = "" }) => charge))).toBe(whole);
    const json = JSON.parse((await download({ format: "json" })).text) as {
      entries: { charge: string }[];
      totals: { charge: string; entries: number }[];
    };
    expect(micros(json.entries.map(({ charge }) => charge))).toBe(whole);
    expect(json.totals).toMatchObject([{ charge: "73.5625", entries: messages + 1 }]);
  });

  it("shows the cost side to those who may see it, and to nobody else", async () => {
    const [plain] = rowsOf((await download({ what: "statement" })).text);
    expect(Object.keys(plain ?? {})).not.toContain("cost");
    const permissions: Permission[] = ["billing:read", "billing:cost"];
    const [withCost] = rowsOf((await download({ what: "statement", permissions })).text);
    expect(withCost).toMatchObject({ cost: "38.75", costCurrency: "USD" });
  });

  it("is empty for a client that had nothing, and refuses who may not read and what is no month", async () => {
    const [total, ...more] = rowsOf((await download({ tenantId: otra, what: "statement" })).text);
    expect([total, more]).toEqual([undefined, []]);
    expect(JSON.parse((await download({ tenantId: otra, format: "json" })).text)).toEqual({
      ...{ month: "2026-11", entries: [], totals: [] },
    });
    await expect(download({ permissions: [] })).rejects.toThrow("permission_missing");
    await expect(download({ month: "2026-13" })).rejects.toThrow("invalid_input");
  });

  it("counts usage by bucket and day: of a month, of days, of one bucket", async () => {
    const of = async (args: string): Promise<{ day: string; bucket: string; messages: number; total: Money }[]> => {
      const source = `{ usage(${args}) { day bucket messages total { amount currency } } }`;
      return (await w.ask<{ usage: Awaited<ReturnType<typeof of>> }>(w.as(casa), source)).usage;
    };
    const brazil = { day: "2026-11-10", bucket: "marketing.brazil", messages };
    expect(await of('month: "2026-11"')).toEqual([
      { ...brazil, total: { amount: "44.5625", currency: "USD" } },
      expect.objectContaining({ bucket: "platform_fee", messages: 0 }),
    ]);
    expect(await of('from: "2026-11-10", to: "2026-11-10"')).toEqual([expect.objectContaining(brazil)]);
    expect(await of('month: "2026-11", bucket: "marketing.brazil"')).toHaveLength(1);
    expect(await of('from: "2026-11-11", to: "2026-11-12"')).toEqual([]);
    const refused = await w.try(w.as(casa), '{ usage(from: "2026-01-01", to: "2026-11-12") { day } }');
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("the words of an export", () => {
  const row = (market: string, charge: bigint): StatementRow => ({
    ...{ bucket: "marketing.other" as StatementRow["bucket"], market, category: "marketing", pricingType: "regular" },
    ...{ kind: "correction", entries: 1, units: -1, freeUnits: 0, rateMicros: 62_500n },
    cost: { currency: "USD", amountMicros: charge },
    charge: { currency: "USD", amountMicros: charge },
  });
  const csvOf = (rows: readonly StatementRow[]): string =>
    exportFormats("csv", false).statement({ month: "2026-11" as never, rows, totals: [] });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])(
    "puts %j behind an apostrophe, so that no spreadsheet runs it",
    (market) => {
      expect(parse(csvOf([row(market, 1n)]), { columns: true })).toMatchObject([{ market: `'${market}` }]);
    },
  );

  it("leaves the sign of an amount and of a count alone", () => {
    expect(parse(csvOf([row("Brazil", -62_500n)]), { columns: true })).toMatchObject([
      { charge: "-0.0625", messages: "-1" },
    ]);
  });

  it("keeps commas, quotes and line ends of a text in their field", () => {
    const market = 'Casa, "Lumen"\r\nBogotá';
    expect(parse(csvOf([row(market, 1n)]), { columns: true })).toMatchObject([{ market }]);
  });
});
