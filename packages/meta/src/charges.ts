import { type Word } from "@greentick/kernel";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { errorOfReply, errorOfShape, errorOfSilence } from "./errors.js";
import { type Graph, type MetaClientOptions } from "./graph.js";
import { digits, metaId, unixSeconds, wordOf } from "./replies.js";
import { everyPage, get } from "./waba.js";
import { type PricingCategory, type PricingType, pricingCategories, pricingTypes } from "./words.js";

export type AnalyticsDimension = "PHONE" | "COUNTRY" | "PRICING_CATEGORY" | "PRICING_TYPE" | "TIER";

/** Volumes of one stretch of time, as Meta counted deliveries. Approximate by Meta's own words; the invoice prevails. */
export interface AnalyticsPoint {
  readonly start: Date;
  readonly end: Date;
  readonly phoneNumber?: string;
  /** ISO 3166 alpha-2. */
  readonly country?: string;
  /** `lower:upper`, both inclusive, `MAX` for the open end; absent for free volumes. */
  readonly tier?: string;
  readonly type?: Word<PricingType>;
  readonly category?: Word<PricingCategory>;
  readonly volume: number;
}

export interface InvoiceFacts {
  readonly id: string;
  readonly invoiceId: string;
  /** `2026-11`. */
  readonly billingPeriod: string;
  readonly invoiceDate?: string;
  readonly currency: string;
  /** Currency units, as digits. */
  readonly amount: string;
  readonly downloadUri: string;
}

/** One line of the invoice's file: an account, a day in its zone, a market, a category, a type, a tier. */
export interface InvoiceLine {
  readonly invoiceId: string;
  readonly lineId: string;
  readonly billingPeriod: string;
  readonly wabaId: string;
  readonly wabaName: string;
  readonly date: string;
  readonly market: string;
  readonly category: Word<PricingCategory>;
  readonly type: Word<PricingType>;
  readonly tier: string;
  readonly volume: number;
  /** Currency units per message, as digits. */
  readonly rate: string;
  readonly amount: string;
  readonly currency: string;
}

export interface ChargeCalls {
  /** Meta's own count of deliveries. Costs are not asked for: Meta hides them on a partner's credit line. */
  readonly pricingAnalytics: (
    token: string,
    ask: {
      readonly wabaId: string;
      readonly start: Date;
      readonly end: Date;
      readonly granularity: "HALF_HOUR" | "DAILY" | "MONTHLY";
      readonly dimensions: readonly AnalyticsDimension[];
    },
  ) => Promise<readonly AnalyticsPoint[]>;
  /** Invoices of our portfolio whose billing period touches the dates (`2026-11-01`). */
  readonly listInvoices: (
    token: string,
    ask: { readonly businessId: string; readonly startDate: string; readonly endDate: string },
  ) => Promise<readonly InvoiceFacts[]>;
  /** The lines behind an invoice. The address carries its own permission; no token is sent to it. */
  readonly downloadInvoiceLines: (downloadUri: string) => Promise<readonly InvoiceLine[]>;
}

const pointReply = z
  .object({
    start: unixSeconds,
    end: unixSeconds,
    phone_number: digits.optional(),
    country: z.string().optional(),
    tier: z.string().optional(),
    pricing_type: wordOf(pricingTypes).optional(),
    pricing_category: wordOf(pricingCategories).optional(),
    volume: z.number().int().nonnegative(),
  })
  .transform((raw): AnalyticsPoint => ({
    start: raw.start,
    end: raw.end,
    ...(raw.phone_number === undefined ? {} : { phoneNumber: raw.phone_number }),
    ...(raw.country === undefined ? {} : { country: raw.country }),
    ...(raw.tier === undefined ? {} : { tier: raw.tier }),
    ...(raw.pricing_type === undefined ? {} : { type: raw.pricing_type }),
    ...(raw.pricing_category === undefined ? {} : { category: raw.pricing_category }),
    volume: raw.volume,
  }));

const analyticsReply = z.object({
  pricing_analytics: z.object({ data: z.array(z.object({ data_points: z.array(pointReply) })) }).optional(),
});

const invoiceReply = z
  .object({
    id: metaId,
    invoice_id: z.string(),
    billing_period: z.string(),
    invoice_date: z.string().optional(),
    currency: z.string(),
    amount: digits,
    download_uri: z.string(),
  })
  .transform((raw): InvoiceFacts => ({
    id: raw.id,
    invoiceId: raw.invoice_id,
    billingPeriod: raw.billing_period,
    ...(raw.invoice_date === undefined ? {} : { invoiceDate: raw.invoice_date }),
    currency: raw.currency,
    amount: raw.amount,
    downloadUri: raw.download_uri,
  }));

export function chargeCalls(graph: Graph, options: MetaClientOptions): ChargeCalls {
  return {
    pricingAnalytics: async (token, { wabaId, start, end, granularity, dimensions }) => {
      const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);
      const fields = `pricing_analytics.start(${seconds(start)}).end(${seconds(end)}).granularity(${granularity}).metric_types(["VOLUME"]).dimensions(${JSON.stringify(dimensions)})`;
      const reply = await graph({ ...get("/{waba}", [wabaId], token), params: { fields }, reply: analyticsReply });
      return reply.pricing_analytics?.data.flatMap((series) => series.data_points) ?? [];
    },
    listInvoices: async (token, { businessId, startDate, endDate }) => {
      const request = get("/{business}/business_invoices", [businessId], token);
      const params = {
        start_date: startDate,
        end_date: endDate,
        fields: "id,invoice_id,billing_period,invoice_date,currency,amount,download_uri",
      };
      return everyPage(graph, { ...request, params }, invoiceReply);
    },
    downloadInvoiceLines: async (downloadUri) => download(options, downloadUri),
  };
}

const operation = "GET invoice download";

async function download(options: MetaClientOptions, uri: string): Promise<readonly InvoiceLine[]> {
  const { status, text } = await fetchText(options, uri);
  if (status !== 200) throw errorOfReply(operation, status, undefined);
  return readInvoiceLines(text, status);
}

async function fetchText(options: MetaClientOptions, uri: string): Promise<{ status: number; text: string }> {
  try {
    const reply = await fetch(uri, { signal: AbortSignal.timeout(options.timeoutMs) });
    return { status: reply.status, text: await reply.text() };
  } catch {
    throw errorOfSilence(operation, new Error("unreachable"));
  }
}

const lineRow = z
  .object({
    invoice_id: z.string(),
    line_id: z.string(),
    billing_period: z.string(),
    waba_id: metaId,
    waba_name: z.string(),
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
    market: z.string(),
    category: wordOf(pricingCategories),
    pricing_type: wordOf(pricingTypes),
    tier: z.string(),
    volume: z.string().regex(/^\d+$/).transform(Number),
    rate: z.string(),
    amount: z.string(),
    currency: z.string(),
  })
  .transform((raw): InvoiceLine => ({
    invoiceId: raw.invoice_id,
    lineId: raw.line_id,
    billingPeriod: raw.billing_period,
    wabaId: raw.waba_id,
    wabaName: raw.waba_name,
    date: raw.date,
    market: raw.market,
    category: raw.category,
    type: raw.pricing_type,
    tier: raw.tier,
    volume: raw.volume,
    rate: raw.rate,
    amount: raw.amount,
    currency: raw.currency,
  }));

/** Reads the text of an invoice's file. @throws MetaError when a column is missing or a value is of another shape: a whole file is read or none. */
export function readInvoiceLines(text: string, httpStatus = 200): readonly InvoiceLine[] {
  const read = z.array(lineRow).safeParse(parse(text, { columns: true, skip_empty_lines: true }));
  if (!read.success) throw errorOfShape(operation, httpStatus, read.error);
  return read.data;
}
