import { faultPoint, systemScope } from "@greentick/kernel";
import { type KeptBody } from "../domain/kept-body.js";
import { type QuarantinedUpdate } from "../domain/quarantine.js";
import { type WebhookPorts } from "../ports.js";
import { type CutBody, cutBody } from "./cut-body.js";
import { blankLate } from "./data-duties.js";
import { releaseAccount } from "./release-account.js";
import { takeFairly } from "./take-fairly.js";

const scope = systemScope("webhook-split");
/** Bodies cut without a look at who waits at the door: a few milliseconds of work. */
const atOnce = 5;

/**
 * Cuts waiting bodies into updates, each account's in order of receipt, and hands each to its tenant. What has no owner waits in quarantine. Safe to
 * repeat: events have the same ids again, quarantine has one document per update. Returns the number of bodies, which is bounded in number and
 * bytes: above zero there may be more.
 */
export function splitBodies(ports: WebhookPorts): () => Promise<number> {
  const take = takeFairly(ports, scope);
  return async () => {
    const bodies = await take();
    if (bodies.length === 0) return 0;
    await faultPoint("splitter.opened");
    const cut: { readonly body: KeptBody; readonly parts: CutBody }[] = [];
    for (const [at, body] of bodies.entries()) {
      if (at % atOnce === 0) await ports.breathe();
      const parts = await cutBody(ports, scope, body);
      if (parts !== undefined) cut.push({ body, parts });
    }
    await handOn(
      ports,
      cut.map(({ parts }) => parts),
    );
    await blankLate(
      ports,
      cut.map(({ body, parts }) => ({ body, people: parts.split.people })),
    );
    return cut.length;
  };
}

async function handOn(ports: WebhookPorts, cut: readonly CutBody[]): Promise<void> {
  const quarantined = cut.flatMap((one) => one.quarantined);
  await ports.quarantine.put(scope, quarantined);
  await ports.unknown.put(
    scope,
    cut.flatMap((one) => one.unknown),
  );
  await faultPoint("splitter.held");
  await releaseLinked(ports, quarantined);
  const events = cut.flatMap(({ updates }) => updates.flatMap(({ event }) => event ?? []));
  if (events.length > 0) await ports.publish(events);
  await faultPoint("splitter.published");
  if (cut.length > 0)
    await ports.rawLog.markSplit(
      scope,
      cut.map(({ split }) => split),
    );
  await faultPoint("splitter.marked");
}

/** An account that was linked between the look for its owner and the entry into quarantine released nothing: it is looked for again. */
async function releaseLinked(ports: WebhookPorts, held: readonly QuarantinedUpdate[]): Promise<void> {
  const unknown = held.flatMap(({ reason, wabaId }) => (reason === "unknown_account" ? (wabaId ?? []) : []));
  for (const wabaId of new Set(unknown)) await releaseAccount(ports)(wabaId);
}
