import { type StripeSimControl } from "../control.js";
import { type Invoice } from "../shapes.js";
import { type Store } from "../store/store.js";
import { type Handler } from "./api.js";
import { refusals } from "./errors.js";
import { faultKinds } from "./faults.js";
import { createMatcher } from "./match.js";
import { list, must, oneOf, type Parsed, readShape, type Shape, text, whole } from "./params.js";
import { type Method, type Place, placeOf } from "./route.js";
import { type Answer, errorAnswer, jsonAnswer, readForm, send } from "./wire.js";

interface ControlRoute {
  readonly method: Method;
  readonly path: string;
  readonly params: Shape;
  readonly run: (control: StripeSimControl, params: Record<string, unknown>) => Promise<object>;
}

function controlRoute<S extends Shape>(
  place: Place,
  params: S,
  run: (control: StripeSimControl, params: Parsed<S>) => Promise<object> | object,
): ControlRoute {
  return { ...placeOf(place), params, run: async (control, values) => run(control, values as Parsed<S>) };
}

function clockTarget(now: string): "system" | { now: Date } {
  if (now === "system") return now;
  const date = new Date(now);
  if (Number.isNaN(date.getTime()) || !/^\d{4}-\d\d-\d\dT/.test(now))
    throw refusals.invalidParameter("now", `Invalid now: "${now}" is neither "system" nor an ISO 8601 instant.`);
  return { now: date };
}

const ok = { object: "sim.result", ok: true };
const done = (work: Promise<unknown>): Promise<object> => work.then(() => ok);
const endpointParams = { url: must(text()), secret: text(), enabledEvents: list(text(), 500) };
const faultParams = { route: text(), kind: must(oneOf(...faultKinds)), count: whole(1, 1_000_000) };

/** The control routes. Bodies are JSON; an unknown name is refused like at the API. They need no key: the server listens on loopback only. */
export const controlRoutes: readonly ControlRoute[] = [
  controlRoute("GET /_sim/clock", {}, (control) => control.clock()),
  controlRoute("POST /_sim/clock", { now: must(text()) }, (control, { now }) => control.setClock(clockTarget(now))),
  controlRoute("POST /_sim/webhook-endpoint", endpointParams, (control, params) => control.addWebhookEndpoint(params)),
  controlRoute("GET /_sim/requests", { limit: whole(1, 20_000) }, async (control, { limit }) => ({
    data: await control.requests(limit),
  })),
  controlRoute("GET /_sim/webhooks", {}, async (control) => ({ data: await control.webhooks() })),
  controlRoute("POST /_sim/webhooks/redeliver", { eventId: must(text()) }, (control, { eventId }) =>
    done(control.redeliver(eventId)),
  ),
  controlRoute("GET /_sim/faults", {}, (control) => ({ data: control.faults() })),
  controlRoute("POST /_sim/faults", faultParams, (control, params) => done(control.addFault(params))),
  controlRoute("DELETE /_sim/faults", {}, (control) => done(control.clearFaults())),
  controlRoute("POST /_sim/settle", {}, (control) => done(control.settled())),
  controlRoute("POST /_sim/reset", {}, (control) => done(control.reset())),
];

const escaped = (value: string): string => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The page behind `hosted_invoice_url`: plain, offline, enough to read what is billed. Amounts are in minor units. */
function invoicePage(invoice: Invoice): Answer {
  const row = (...cells: string[]): string => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
  const lines = invoice.lines.data.map((line) =>
    row(line.description ?? "", line.quantity_decimal ?? "", String(line.amount)),
  );
  const title = `Invoice ${invoice.number ?? invoice.id}`;
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body>
<h1>${escaped(title)}</h1><p>${escaped(invoice.customer_name ?? "")} — ${escaped(invoice.status ?? "")}</p>
<table>${lines.join("\n")}
${row("Total", invoice.currency.toUpperCase(), String(invoice.total))}</table><p>${escaped(invoice.footer ?? "")}</p></body></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };
  return { status: 200, body, headers };
}

/** Serves `/_sim`. */
export function createControlApi(control: StripeSimControl, store: Store): Handler {
  const match = createMatcher(controlRoutes);
  const pages = createMatcher([{ method: "GET", path: "/_sim/invoices/:id" } as const]);
  const answer = async (...[request, , target]: Parameters<Handler>): Promise<Answer> => {
    const method = request.method ?? "";
    const form = await readForm(request, target.search.slice(1));
    const page = pages(method, target.pathname);
    if (page) {
      const invoice = await store.get("invoices", page.id);
      if (!invoice) throw refusals.missing("invoice", page.id);
      return invoicePage(invoice);
    }
    const found = match(method, target.pathname);
    if (!found) throw refusals.unsupportedRoute(method, target.pathname);
    return jsonAnswer(200, await found.route.run(control, readShape(found.route.params, form)));
  };
  return async (request, response, target) => {
    send(response, await answer(request, response, target).catch(errorAnswer));
  };
}
