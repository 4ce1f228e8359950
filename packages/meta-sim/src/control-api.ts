import { z } from "zod";
import { type MetaSimControl } from "./control.js";
import { zoneTable } from "./zones.js";

export interface ControlApi {
  readonly control: MetaSimControl;
}
export interface ControlRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}
export interface ControlReply {
  readonly status: number;
  readonly body: unknown;
}

const instant = z.iso.datetime({ offset: true }).transform((value) => new Date(value));
const id = z.string().regex(/^\d+$/);
const clockInput = z.strictObject({ now: z.union([z.literal("system"), instant]) });
const signupInput = z.strictObject({
  businessName: z.string().min(1),
  wabaName: z.string().min(1),
  currency: z.string().length(3),
  timezone: z.string().min(1),
  country: z.string().length(2),
  businessVerified: z.boolean().optional(),
  phone: z.strictObject({ cc: z.string(), number: z.string(), verifiedName: z.string() }).optional(),
  ids: z.strictObject({ businessId: id.optional(), wabaId: id.optional(), phoneNumberId: id.optional() }).optional(),
  ready: z.boolean().optional(),
});
const inboundInput = z.strictObject({ phoneNumberId: id, from: z.string().regex(/^\d+$/), text: z.string() });
const postInput = z.strictObject({ body: z.string(), url: z.url().optional(), count: z.boolean().optional() });
const faultInput = z.strictObject({
  route: z.string(),
  action: z.enum(["refuse", "lose_answer"]).default("refuse"),
  remaining: z.int().positive().optional(),
  httpStatus: z.int().optional(),
  code: z.int().optional(),
  message: z.string().optional(),
  isTransient: z.boolean().optional(),
});
const trafficInput = z.strictObject({
  seed: z.int(),
  messages: z.int().positive().max(1_000_000).default(20_000),
  from: instant,
  to: instant,
  wabaIds: z.array(id).optional(),
  lose: z.int().nonnegative().optional(),
  double: z.int().nonnegative().optional(),
  profile: z.strictObject({ countries: z.record(z.string(), z.number().nonnegative()).optional() }).optional(),
});
const runInput = z.strictObject({ now: instant });
const countedInput = z.strictObject({ wabaId: id.optional(), month: z.string().optional() });

interface Asked {
  readonly control: MetaSimControl;
  readonly input: unknown;
  readonly part: string;
}
type Run = (asked: Asked) => Promise<unknown>;

/** The control routes; `*` is one variable part. */
const controlRoutes: readonly (readonly [method: string, path: string, run: Run])[] = [
  ["GET", "/_sim/clock", async ({ control }) => Promise.resolve({ now: control.now() })],
  ["POST", "/_sim/clock", async ({ control, input }) => control.setClock(settingOf(clockInput.parse(input).now))],
  ["POST", "/_sim/embedded-signup", async ({ control, input }) => control.embeddedSignup(signupInput.parse(input))],
  ["GET", "/_sim/phone-numbers/*/code", async ({ control, part }) => ({ code: await control.codeOf(part) })],
  ["GET", "/_sim/timezones", async () => Promise.resolve(zoneTable)],
  ["POST", "/_sim/inbound", async ({ control, input }) => done(control.inbound(inboundInput.parse(input)))],
  ["POST", "/_sim/traffic", async ({ control, input }) => control.startTraffic(trafficInput.parse(input))],
  ["GET", "/_sim/traffic/*", async ({ control, part }) => control.traffic(part)],
  [
    "POST",
    "/_sim/traffic/*/run-until",
    async ({ control, part, input }) => control.runTrafficUntil(part, runInput.parse(input).now),
  ],
  ["POST", "/_sim/webhooks/post", async ({ control, input }) => control.postWebhook(postInput.parse(input))],
  ["GET", "/_sim/webhooks", async ({ control }) => control.webhooks()],
  ["GET", "/_sim/requests", async ({ control }) => control.requests()],
  ["POST", "/_sim/faults", async ({ control, input }) => control.setFault(faultInput.parse(input))],
  ["GET", "/_sim/counted", async ({ control, input }) => control.counted(countedInput.parse(input))],
  ["POST", "/_sim/reset", async ({ control }) => done(control.reset())],
];

const settingOf = (now: Date | "system"): { now: Date } | "system" => (now === "system" ? now : { now });
const done = async (work: Promise<void>): Promise<unknown> => work.then(() => ({ done: true }));

/** Answers a control request. Problems with the input or the state of things are one sentence under `error`. */
export async function answerControl(
  { control }: ControlApi,
  { method, url, body }: ControlRequest,
): Promise<ControlReply> {
  const path = url.pathname.split("/");
  const route = controlRoutes.find(([verb, pattern]) => verb === method && fits(pattern.split("/"), path));
  if (route === undefined)
    return { status: 404, body: { error: `There is no control route ${method} ${url.pathname}.` } };
  const place = route[1].split("/").indexOf("*");
  try {
    const input: unknown =
      method === "GET" ? Object.fromEntries(url.searchParams) : JSON.parse(body === "" ? "{}" : body);
    return { status: 200, body: await route[2]({ control, input, part: path[place] ?? "" }) };
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
    return { status: 400, body: { error: error instanceof Error ? error.message : "failed" } };
  }
}

const fits = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((part, at) => part === "*" || part === path[at]);
