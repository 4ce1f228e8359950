import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { control, planTraffic, runTraffic, sampleFiles, type Target } from "@greentick/gateway";
import { traffic } from "./clock.js";
import { type Story } from "./sides.js";

/** Beside this folder's parents, compiled or not. */
function folderOf(name: string, from = __dirname): string {
  const here = join(from, name);
  return existsSync(here) ? here : folderOf(name, dirname(from));
}
const folder = folderOf("webhook-samples");

/** The ids that the samples are about, and whose place the side's own take. */
const inSamples = {
  wabaIds: ["318274650192837", "556182930475610"],
  phoneNumberIds: ["219384756102938", "640192837465019"],
  businessId: "702915384620175",
  displayNumber: "576015550147",
} as const;

/** Bodies about nobody's account, and those that would take the side's accounts away. */
const about = (file: string): boolean => !/^account-(deleted|disabled|offboarded|partner-removed)/.test(file);

function bodyOf(file: string, { wabaIds, phoneNumberIds, businessId, digit, canary }: Story): string {
  const pairs: readonly (readonly [string, string])[] = [
    [inSamples.wabaIds[0], wabaIds[0]],
    [inSamples.wabaIds[1], wabaIds[1]],
    [inSamples.phoneNumberIds[0], phoneNumberIds[0]],
    [inSamples.phoneNumberIds[1], phoneNumberIds[1]],
    [inSamples.businessId, businessId],
    [inSamples.displayNumber, `57601555014${digit}`],
    ["Casa Lumen", canary],
  ];
  const marks = pairs.map(([from], at) => [from, `<<${String(at)}>>`] as const);
  const text = marks.reduce(
    (body, [from, mark]) => body.replaceAll(from, mark),
    readFileSync(join(folder, file), "utf8"),
  );
  const named = pairs.reduce((body, [, to], at) => body.replaceAll(`<<${String(at)}>>`, to), text);
  return named.replace(/("message_template_id":\s*)\d/g, `$1${digit}`);
}

/** Everything that Meta can report, about this side; messages have the same ids at both sides. */
export async function reportEverything(target: Target, story: Story): Promise<void> {
  for (const file of sampleFiles().filter(about)) {
    const body = bodyOf(file, story);
    const { outcome } = await control<{ outcome: string }>(target.metaUrl, "webhooks/post", { body, count: true });
    if (outcome !== "200") throw new Error(`The sample ${file} was answered ${outcome} instead of 200.`);
  }
  await target.settle();
}

/** Some days of messages of both sides; a few are withheld or doubled, so that a comparison finds differences. */
export async function exchangeMessages(target: Target, stories: readonly Story[]): Promise<void> {
  const wabaIds = stories.flatMap((one) => one.wabaIds.slice(0, 1));
  const plan = await planTraffic(target, { ...traffic, seed: 7, messages: 60, wabaIds, lose: 2, double: 2 });
  const until = new Date(Math.max(traffic.to.getTime(), plan.lastDueAt.getTime()));
  await runTraffic(target, plan.id, { from: traffic.from, until, stepHours: 48 }, () => undefined);
}

/** A delivery whose earlier proof comes after the later one: its charge is taken back and booked again under the day that is right. */
export async function correctDelivery(target: Target, story: Story): Promise<void> {
  for (const at of ["2026-11-24T12:00:00Z", "2026-11-21T12:00:00Z"]) {
    const body = JSON.parse(bodyOf("status-delivered-regular-marketing.json", story)) as DeliveryBody;
    for (const status of body.entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses))) {
      status.id = `${status.id.slice(0, -8)}AAAAAA==`;
      status.timestamp = String(Date.parse(at) / 1000);
    }
    await control(target.metaUrl, "webhooks/post", { body: JSON.stringify(body), count: true });
    await target.settle();
  }
}

/** A delivery of a category that has no price: somebody has to be told. */
export async function deliverWithoutPrice(target: Target, story: Story): Promise<void> {
  const body = JSON.parse(bodyOf("status-delivered-regular-marketing.json", story)) as DeliveryBody;
  for (const status of body.entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses))) {
    status.id = `${status.id.slice(0, -8)}AAAAAB==`;
    status.pricing.category = "general_purpose_ai";
  }
  await control(target.metaUrl, "webhooks/post", { body: JSON.stringify(body), count: false });
  await target.settle();
}

interface DeliveryStatus {
  id: string;
  timestamp: string;
  readonly pricing: { category: string };
}
interface DeliveryBody {
  readonly entry: readonly {
    readonly changes: readonly { readonly value: { readonly statuses: readonly DeliveryStatus[] } }[];
  }[];
}
