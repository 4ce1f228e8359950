import { DateTime } from "luxon";
import { graphErrors } from "../graph-error.js";
import { askedFields, selected } from "../graph/fields.js";
import { day, optionalText, paged, text } from "../graph/params.js";
import { type GraphCall, type Params, type Reply, type Route, TextReply, nodeTypes, on } from "../graph/route.js";
import { type InvoiceNode, onceOnly } from "../store.js";
import { type World } from "../world.js";
import { decimalOf } from "./cards.js";
import { invoiceLines, toCsv, withDoubled } from "./invoice-lines.js";

const selection = {
  nodeType: nodeTypes["invoice"] ?? "",
  usual: ["id", "invoice_id", "billing_period", "amount", "currency", "download_uri"],
};

export const invoiceRoutes: readonly Route[] = [
  on(["business", "GET", "/{business}/business_invoices"], {
    params: [
      "start_date",
      "end_date",
      "issue_start_date",
      "issue_end_date",
      "invoice_id",
      "root_id",
      "type",
      "fields",
      "limit",
      "after",
      "before",
    ],
    token: "system",
    handle: async (call) => listInvoices(call),
  }),
  on(["invoice", "GET", "/{invoice}"], {
    params: ["fields"],
    token: "system",
    handle: async ({ world, node, params }) =>
      Promise.resolve(selected(invoiceTable(world, node), askedFields(params), selection)),
  }),
  on(["invoice", "GET", "/invoice-lines/{invoice}"], {
    params: ["key"],
    token: "none",
    handle: async ({ node, params }) => {
      if (text(params, "key") !== node.key) throw graphErrors.missingNode("GET", node._id);
      return Promise.resolve(new TextReply("text/csv; charset=utf-8", node.csv));
    },
  }),
];

const invoiceTable = (world: World, node: InvoiceNode): Record<string, unknown> => ({
  id: node._id,
  invoice_id: `INV-${node._id}`,
  invoice_type: "INV",
  billing_period: node.month,
  invoice_date: node.issuedAt.toISOString().slice(0, 10),
  due_date: DateTime.fromJSDate(node.issuedAt, { zone: "utc" }).plus({ days: 30 }).toISODate(),
  amount: decimalOf(node.totalMicros),
  amount_due: decimalOf(node.totalMicros),
  currency: node.currency,
  entity: "Meta Platforms Ireland Limited",
  payment_status: "UNPAID",
  payment_term: "NET30",
  liability_type: "Normal",
  download_uri: `${world.url()}/invoice-lines/${node._id}?key=${node.key}`,
});

async function listInvoices({ world, node, params }: GraphCall<"business">): Promise<Reply> {
  if (node._id !== world.options.businessId) throw graphErrors.missingNode("GET", node._id);
  await issueDue(world);
  const rows = (await world.store.nodes.find({ kind: "invoice" }).sort({ _id: 1 }).toArray()) as InvoiceNode[];
  const found = rows.filter((row) => isAsked(row, params));
  return {
    ...paged(
      params,
      found.map((row) => selected(invoiceTable(world, row), askedFields(params), selection)),
    ),
  };
}

function isAsked(row: InvoiceNode, params: Params): boolean {
  const id = optionalText(params, "invoice_id");
  const ofType = (optionalText(params, "type") ?? "INV") === "INV";
  const issued = row.issuedAt.toISOString().slice(0, 10);
  return (
    ofType &&
    (id === undefined || id === `INV-${row._id}`) &&
    touches(params, ["start_date", "end_date"], [`${row.month}-01`, lastDayOf(row.month)]) &&
    touches(params, ["issue_start_date", "issue_end_date"], [issued, issued])
  );
}

type Pair = readonly [from: string, to: string];
/** Whether days touch the stretch that two parameters name; a missing one is open. */
const touches = (params: Params, [start, end]: Pair, [first, last]: Pair): boolean =>
  (day(params, start) ?? "") <= last && (day(params, end) ?? "9999") >= first;

const lastDayOf = (month: string): string =>
  DateTime.fromISO(`${month}-01`, { zone: "utc" }).endOf("month").toISODate() ?? month;

/** A month is invoiced from the second day of the next one, when it has ended in every zone of the earth; once issued an invoice stays as it is. */
export const issueTime = (month: string): Date =>
  DateTime.fromISO(`${month}-01`, { zone: "utc" }).plus({ months: 1, days: 1 }).toJSDate();

/** Issues what is due: one invoice per month and currency. */
async function issueDue(world: World): Promise<void> {
  const months = (await world.store.counted.distinct("month")).filter((month) => issueTime(month) <= world.clock.now());
  for (const month of months) {
    const currencies = await world.store.counted.distinct("currency", { month });
    for (const currency of currencies.sort()) await issue(world, month, currency);
  }
}

async function issue(world: World, month: string, currency: string): Promise<void> {
  const _id = world.names.id("invoice", month, currency);
  if ((await world.store.nodes.findOne({ _id })) !== null) return;
  const lines = await withDoubled(
    world,
    month,
    await invoiceLines(world, { invoiceId: `INV-${_id}`, month, currency }),
  );
  if (lines.length === 0) return;
  await onceOnly(async () =>
    world.store.nodes.insertOne({
      _id,
      kind: "invoice",
      month,
      currency,
      issuedAt: issueTime(month),
      totalMicros: lines.reduce((sum, line) => sum + line.micros * line.volume, 0),
      csv: toCsv(lines),
      key: world.names.hex(32, "invoice-key", _id),
    }),
  );
}
