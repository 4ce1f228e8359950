import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { median, percentile } from "../load.js";
import { type Posted, type Posting } from "../poster.js";

/** Posts in a process of its own: one posting at a time, told by its parent. */
const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };
const statuses = ["sent", "delivered", "read"] as const;
const contact = { profile: { name: "Somebody with a name that is about as long as such names are ".repeat(3) } };

/** About 1.5 KB: the three statuses of one message. */
function bodyOf({ wabaId, phoneNumberId, word, at }: Posting, n: number): Buffer {
  const recipient = `5730${String(n % 100_000_000).padStart(8, "0")}`;
  const one = { id: `wamid.bench.${word}.${n}`, timestamp: String(at), recipient_id: recipient, pricing };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "5730", phone_number_id: phoneNumberId },
    contacts: [{ ...contact, wa_id: recipient }],
    statuses: statuses.map((status) => ({ ...one, status })),
  };
  const entry = [{ id: wabaId, changes: [{ value, field: "messages" }] }];
  return Buffer.from(JSON.stringify({ object: "whatsapp_business_account", entry }));
}

interface Answer {
  readonly status: number;
  readonly ms: number;
}

function send(what: Posting, n: number, agent: Agent, since: number): Promise<Answer> {
  const body = bodyOf(what, n);
  const signature = `sha256=${createHmac("sha256", what.appSecret).update(body).digest("hex")}`;
  const headers = { "content-length": body.length, "x-hub-signature-256": signature };
  return new Promise((resolve, reject) => {
    const asked = request(`${what.url}/webhooks/meta`, { method: "POST", agent, headers }, (answer) => {
      answer.resume().on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, ms: performance.now() - since });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

async function closedLoop(what: Posting, connections: number, agent: Agent): Promise<readonly Answer[]> {
  const end = performance.now() + what.forMs;
  const answers: Answer[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) answers.push(await send(what, next++, agent, performance.now()));
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return answers;
}

/** Each when it is due, whether or not earlier ones are answered (open loop). */
async function openLoop(what: Posting, perSecond: number, agent: Agent): Promise<readonly Answer[]> {
  const start = performance.now();
  const all: Promise<Answer>[] = [];
  for (let n = 0; ; n++) {
    const due = start + (n * 1_000) / perSecond;
    if (due - start > what.forMs) return Promise.all(all);
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    all.push(send(what, n, agent, due));
  }
}

async function post(what: Posting): Promise<Posted> {
  const { pace } = what;
  const maxSockets = "connections" in pace ? pace.connections : 256;
  const agent = new Agent({ keepAlive: true, maxSockets });
  const start = performance.now();
  const answers =
    "connections" in pace
      ? await closedLoop(what, pace.connections, agent)
      : await openLoop(what, pace.perSecond, agent);
  agent.destroy();
  const strange = answers.find(({ status }) => status !== 200 && status !== 503);
  if (strange !== undefined) throw new Error(`A webhook was answered ${String(strange.status)}.`);
  const taken = answers.filter(({ status }) => status === 200);
  return {
    acknowledged: taken.length,
    shed: answers.length - taken.length,
    elapsedMs: performance.now() - start,
    p50: median(taken.map(({ ms }) => ms)),
    p99: percentile(taken, 0.99),
    overSecond: taken.filter(({ ms }) => ms > 1_000).length / Math.max(taken.length, 1),
  };
}

process.on("message", (what: Posting) => {
  post(what).then(
    (posted) => process.send?.(posted),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
