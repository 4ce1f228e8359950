import { after, type Call, dayMs, systemScope } from "@greentick/kernel";
import { type KeptBody } from "../domain/kept-body.js";
import { type Owner, personName, type ReadUpdate, type SplitBody, type WebhookPorts } from "../ports.js";
import { cutBody, heldWhole } from "./cut-body.js";
import { ownerOf } from "./owner-of.js";

const scope = systemScope("webhook-split");

/** Said of a body that names a person and does not open any more. */
const unopened = "what is stored of the webhook does not open any more, so nobody can read it or blank it";

const namesOf = (call: Call, keys: readonly string[]): string[] => keys.map((key) => personName(call.tenantId, key));

/** The tenant's own updates in a body that name one of the people. */
async function updatesNaming(
  ports: WebhookPorts,
  body: KeptBody,
  { tenantId, keys }: { readonly tenantId: string; readonly keys: readonly string[] },
): Promise<readonly ReadUpdate[]> {
  const reading = ports.read(body);
  if ("unreadable" in reading) return [];
  const naming = reading.updates.filter(({ people }) => people.some((key) => keys.includes(key)));
  const owners = await Promise.all(naming.map((update) => ownerOf(ports, scope, update)));
  return naming.filter((_, at) => owners[at]?.tenantId === tenantId);
}

/** What the tenant of the call was told of a person, as Meta wrote it; a body that does not open any more is said to be there. */
export const findOfPerson =
  (ports: WebhookPorts, fragmentOf: (body: Buffer, index: number) => string) =>
  async (call: Call, keys: readonly string[]): Promise<readonly unknown[]> => {
    const bodies = await ports.rawLog.namingPeople(scope, namesOf(call, keys));
    const found = await Promise.all(
      bodies.map(async (body) => {
        if (body.damaged === true) return [{ receivedAt: body.receivedAt, field: "", unopened }];
        const updates = await updatesNaming(ports, body, { tenantId: call.tenantId, keys });
        return updates.map(({ index, field }) => ({
          receivedAt: body.receivedAt,
          field,
          update: JSON.parse(fragmentOf(body.body, index)) as unknown,
        }));
      }),
    );
    return found.flat();
  };

/**
 * Blanks a person in the tenant's updates, and remembers it for what arrives late. Other tenants' parts stay. A body that does not open any more stays as
 * it is, still noted as naming the person, and is shown among the quarantined. Safe to repeat.
 */
export const eraseOfPerson =
  (ports: WebhookPorts) =>
  async (call: Call, keys: readonly string[], at: Date): Promise<void> => {
    const people = namesOf(call, keys);
    await ports.erasedPeople.remember(scope, call, { people, at });
    for (const body of await ports.rawLog.namingPeople(scope, people))
      if (body.damaged === true) await holdDamaged(ports, body);
      else await blankIn(ports, body, call, keys);
  };

/** Bodies that name a person and could not be blanked, since they do not open. */
export const notErased = (
  ports: Pick<WebhookPorts, "rawLog">,
): { readonly count: (call: Call, keys: readonly string[]) => Promise<number>; readonly because: string } => ({
  count: async (call, keys) =>
    (await ports.rawLog.namingPeople(scope, namesOf(call, keys))).filter(({ damaged }) => damaged === true).length,
  because: unopened,
});

async function holdDamaged(ports: WebhookPorts, body: KeptBody): Promise<void> {
  const { quarantined } = heldWhole(ports, body, "damaged");
  await ports.quarantine.put(scope, quarantined);
  await ports.quarantine.holdAs(
    scope,
    quarantined.map(({ id }) => id),
    "damaged",
  );
}

async function blankIn(
  ports: WebhookPorts,
  body: KeptBody,
  ...[{ tenantId }, personKeys]: [Pick<Owner, "tenantId">, readonly string[]]
): Promise<void> {
  const updates = await updatesNaming(ports, body, { tenantId, keys: personKeys });
  const accounts = new Set(updates.flatMap(({ wabaId }) => wabaId ?? []));
  const blanked = ports.blank(body.body, { ofAccount: (wabaId) => accounts.has(wabaId), personKeys });
  const people = personKeys.map((key) => personName(tenantId, key));
  const { refs = [], told = [] } = (await cutBody(ports, scope, { ...body, body: blanked }))?.split ?? {};
  await ports.rawLog.rewrite(scope, { key: body.key, body: blanked, people, refs, told });
}

/** Bodies just cut that speak of a time before a person's erasure: what came late is blanked as what came in time. */
export async function blankLate(
  ports: WebhookPorts,
  cut: readonly (Pick<SplitBody, "people"> & { readonly body: KeptBody })[],
): Promise<void> {
  const people = [...new Set(cut.flatMap((one) => one.people))];
  if (people.length === 0) return;
  const erased = await ports.erasedPeople.among(scope, people);
  if (erased.size === 0) return;
  for (const one of cut)
    for (const name of one.people) {
      const erasedAt = erased.get(name);
      const [tenantId = "", key = ""] = name.split("/");
      const late = erasedAt !== undefined && (await saidBefore(ports, one.body, { tenantId, key, erasedAt }));
      if (late) await blankIn(ports, one.body, { tenantId: tenantId as Owner["tenantId"] }, [key]);
    }
}

async function saidBefore(
  ports: WebhookPorts,
  body: KeptBody,
  { tenantId, key, erasedAt }: { readonly tenantId: string; readonly key: string; readonly erasedAt: Date },
): Promise<boolean> {
  const updates = await updatesNaming(ports, body, { tenantId, keys: [key] });
  return updates.some(({ at }) => (at ?? body.receivedAt) <= erasedAt);
}

/** Erases the bytes of bodies whose period is over, and what refers to them; their hash proves what was charged from then on. */
export const eraseOldBodies =
  (
    {
      rawLog,
      holds,
      quarantine,
      unknown,
      now,
    }: Pick<WebhookPorts, "rawLog" | "holds" | "quarantine" | "unknown" | "now">,
    retentionDays: number,
  ) =>
  async (): Promise<number> => {
    const before = after(now(), -retentionDays * dayMs);
    const erased = await rawLog.eraseBefore(scope, before, await holds.all(scope));
    await Promise.all([quarantine.eraseBefore(scope, before), unknown.eraseBefore(scope, before)]);
    return erased;
  };
