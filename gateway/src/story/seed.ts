import { dayMs, hourMs, type TenantId, utcDayOf } from "@greentick/kernel";
import { type LocalPlatform } from "../local/local-platform.js";
import { bringLive, twoClients } from "./provider.js";
import { ask } from "./target.js";
import { decideTemplates } from "./templates.js";
import { planTraffic, runTraffic } from "./traffic.js";

export interface SeededClient {
  readonly name: string;
  readonly tenantId: string;
  readonly token: string;
}

export interface SeedSpan {
  readonly from: Date;
  readonly to: Date;
  readonly isFresh: boolean;
  readonly say: (line: string) => void;
}

const bodies = 400;
const tokenSeconds = 86_400;

const members = [
  { name: "Clara Prado", email: "clara@lumbrecafe.example", role: "owner" },
  { name: "Dario Nuñez", email: "dario@andessalud.example", role: "developer" },
  { name: "Vera Campos", email: "vera@lumbrecafe.example", role: "billing_viewer" },
] as const;

/**
 * Fills a fresh store with a small provider: two clients live since the first of last month, a few templates, some weeks of messages, and a
 * month that was closed and invoiced. Afterwards the sandbox clock follows the system. A store with data stays as it is.
 */
export async function seedProvider(local: LocalPlatform, span: SeedSpan): Promise<readonly SeededClient[]> {
  if (span.isFresh) await fill(local, span);
  return memberTokens(local);
}

async function fill(local: LocalPlatform, { from, to, say }: SeedSpan): Promise<void> {
  const { target } = local;
  say("Filling the fresh store: two clients, their numbers and templates, some weeks of messages, one closed month …");
  const clock = { now: from };
  const [first, second] = twoClients(utcDayOf(from));
  const lumbre = await bringLive(target, first, clock);
  const andes = await bringLive(target, second, clock);
  const wabaId = lumbre.numbers[0]?.wabaId ?? "";
  await decideTemplates(
    target,
    lumbre,
    wabaId,
    [
      {
        name: "order_shipped",
        language: "pt_BR",
        category: "UTILITY",
        body: "Olá {{1}}, seu pedido já saiu para entrega e chega amanhã.",
        samples: [{ variable: "1", value: "Ana" }],
      },
    ],
    clock.now,
  );
  const start = new Date(Math.ceil((clock.now.getTime() + hourMs) / dayMs) * dayMs);
  const wabaIds = [...lumbre.numbers, ...andes.numbers].map((one) => one.wabaId);
  const traffic = await planTraffic(target, {
    seed: 1,
    messages: bodies,
    from: start,
    to,
    wabaIds,
    lose: 0,
    double: 0,
  });
  await runTraffic(target, traffic.id, { from: start, until: to, stepHours: 24 }, () => undefined);
  await target.moveClock("system");
}

/** Tokens of one member of each role in the seeded clients. */
async function memberTokens(local: LocalPlatform): Promise<readonly SeededClient[]> {
  const tenants = await tenantsByName(local);
  const seeded: SeededClient[] = [];
  for (const { name, email, role } of members) {
    const tenantId = tenants.get(email.includes("lumbre") ? "Lumbre Café" : "Andes Salud");
    if (tenantId === undefined) continue;
    const person = await local.platform.identity.seedPerson({
      tenantId: tenantId as TenantId,
      name,
      email,
      roles: [role],
    });
    const { token } = await local.platform.identity.issueFor(person.id, tokenSeconds);
    seeded.push({
      name: `${role} (${name}, ${email.includes("lumbre") ? "Lumbre Café" : "Andes Salud"})`,
      tenantId,
      token,
    });
  }
  return seeded;
}

async function tenantsByName({ target }: LocalPlatform): Promise<ReadonlyMap<string, string>> {
  const document = `query Tenants { tenants(first: 100) { nodes { id name } } }`;
  const { tenants } = await ask<{ tenants: { nodes: { id: string; name: string }[] } }>(
    target,
    target.tokens.platform_admin,
    document,
  );
  return new Map(tenants.nodes.map(({ id, name }) => [name, id]));
}
