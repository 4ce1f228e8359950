import { AppError, type LocalDate, microsFromDecimal, type Month } from "@greentick/kernel";
import { type InvoiceLine, type MetaClient, MetaError } from "@greentick/meta";
import { type MetaInvoiceLine, type MetaReports } from "../../ports.js";

export interface MetaParts {
  /** Live and sandbox accounts may lie at different addresses. */
  readonly clientFor: (
    livemode: boolean,
  ) => Pick<MetaClient, "pricingAnalytics" | "listInvoices" | "downloadInvoiceLines">;
  /** The provider's own token: it sees every account on its credit line. */
  readonly token: string;
  /** The provider's portfolio, whose credit line is billed. */
  readonly businessId: string;
}

/** Meta's own count and invoices (Meta: analytics, business invoices). @throws PROVIDER_UNAVAILABLE/meta_unavailable. */
export const metaReports = ({ clientFor, token, businessId }: MetaParts): MetaReports => ({
  volumes: (livemode, wabaId, { start, end }) =>
    asking("count deliveries", async () => {
      const points = await clientFor(livemode).pricingAnalytics(token, {
        wabaId,
        start,
        end,
        granularity: "DAILY",
        dimensions: ["COUNTRY", "PRICING_CATEGORY", "PRICING_TYPE"],
      });
      return points.map((point) => ({
        start: point.start,
        country: point.country ?? "",
        category: point.category?.raw ?? "",
        type: point.type?.raw ?? "",
        volume: point.volume,
      }));
    }),
  tiers: (livemode, wabaId, { start, end }) =>
    asking("count deliveries by tier", async () => {
      const points = await clientFor(livemode).pricingAnalytics(token, {
        wabaId,
        start,
        end,
        granularity: "HALF_HOUR",
        dimensions: ["COUNTRY", "PRICING_CATEGORY", "TIER"],
      });
      return points.flatMap(({ start: at, country, category, tier, volume }) =>
        country === undefined || category === undefined || tier === undefined || volume === 0
          ? []
          : [{ start: at, country, category: category.raw, tier }],
      );
    }),
  invoiceLines: (livemode, month) =>
    asking("list invoices", async () => {
      const client = clientFor(livemode);
      const invoices = await client.listInvoices(token, {
        businessId,
        startDate: `${month}-01`,
        endDate: lastDayOf(month),
      });
      const mine = invoices.filter(({ billingPeriod }) => billingPeriod === month);
      if (mine.length === 0) return undefined;
      const lines = await Promise.all(mine.map(({ downloadUri }) => client.downloadInvoiceLines(downloadUri)));
      return lines.flat().map(toLine);
    }),
});

const lastDayOf = (month: Month): string => {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};

const toLine = (line: InvoiceLine): MetaInvoiceLine => ({
  lineId: line.lineId,
  wabaId: line.wabaId,
  day: line.date as LocalDate,
  market: line.market,
  category: line.category.raw,
  type: line.type.raw,
  tier: line.tier,
  volume: line.volume,
  amountMicros: microsFromDecimal(line.amount, "round"),
  currency: line.currency,
});

async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof MetaError)) throw error;
    throw toAppError(what, error);
  }
}

function toAppError(what: string, cause: MetaError): AppError {
  const said = `Meta did not ${what}: ${cause.message.replace(/\.$/, "")}.`;
  return cause.isTransient
    ? new AppError("PROVIDER_UNAVAILABLE", "meta_unavailable", `${said} It will be asked again.`, { what }, { cause })
    : new AppError("CONFLICT", "meta_refused", `${said} Remove the cause, then repeat.`, { what }, { cause });
}
