import { allow, type AppError, badInput, type Call, systemScope } from "@greentick/kernel";
import { type KeptBody, parseUpdateId } from "../domain/kept-body.js";
import { refKinds, refOf } from "../domain/update-ref.js";
import { type ReadUpdate, type SearchedBodies } from "../ports.js";
import { type PageRequest, type Slice } from "../ports/paging.js";
import { ownerOf } from "./owner-of.js";
import { maySee, type ShownUpdate, showUpdate, type UpdateParts } from "./show-update.js";

const scope = systemScope("webhook-routing");
const opened = { bodies: 20, bytes: 8_000_000 };
/** What one request looks through at most; the cursor goes on from there. */
const mostBodies = 200;

export interface FindPorts extends UpdateParts {
  /** Keyed hashes under which an id that names a person may be written down. */
  readonly keysOf: (id: string) => readonly string[];
  /** When an event of ours was received, by its id; undefined for another id. */
  readonly receivedOf: (eventId: string) => Date | undefined;
}

/**
 * The updates that bear an id, newest first: an account's, number's, template's, message's or conversation's of Meta's, an object's or event's of
 * Stripe's, a body's hash, or an id of ours (update, event, request). Each caller sees those of tenants in sight. @throws BAD_USER_INPUT for a foreign cursor.
 */
export const findUpdates =
  (ports: FindPorts) =>
  async (call: Call, id: string, page: PageRequest): Promise<Slice<ShownUpdate>> => {
    allow(call, "webhook:read");
    const place = page.after === undefined ? undefined : placeOf(page.after);
    const asked = whereOf(ports, id.trim());
    const found: Seen[] = [];
    let olderThan = place?.sequence === undefined ? undefined : `${place.sequence}~`;
    let looked = 0;
    for (let more = true; more && found.length <= page.first && looked < mostBodies;) {
      const bodies = await ports.rawLog.search(
        scope,
        {
          ...asked.bodies,
          ...(olderThan !== undefined && { olderThan }),
          ...(call.ancestorIds.length > 0 && { seenBy: call.tenantId }),
        },
        opened,
      );
      for (const body of bodies) {
        const atMost = page.first + 1 - found.length;
        found.push(...(await seenIn(ports, call, { body, asked, place, atMost })));
      }
      olderThan = bodies.at(-1)?.sequence;
      looked += bodies.length;
      more = bodies.length > 0;
      if (looked >= mostBodies && more && found.length <= page.first) return pageFrom(found, page, olderThan);
    }
    return pageFrom(found, page, undefined);
  };

interface Asked {
  readonly bodies: Omit<SearchedBodies, "olderThan" | "seenBy">;
  readonly matches: (update: ReadUpdate, body: KeptBody) => boolean;
}

function whereOf(ports: FindPorts, id: string): Asked {
  const name = parseUpdateId(id);
  if (name !== undefined) return { bodies: { keys: [name.key] }, matches: ({ index }) => index === name.index };
  const hash = id.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return { bodies: { keys: [hash] }, matches: () => true };
  const receivedAt = ports.receivedOf(id);
  if (receivedAt !== undefined) return { bodies: { receivedAt }, matches: ({ eventId }) => eventId === id };
  if (/^evt_\w{1,250}$/.test(id)) return { bodies: { keys: [`stripe:${id}`] }, matches: () => true };
  const refs = new Set([id, ...ports.keysOf(id)].flatMap((one) => refKinds.map((kind) => refOf(kind, one))));
  const request = refOf("request", id);
  return {
    bodies: { refs: [...refs] },
    matches: (update, body) => update.refs.some((ref) => refs.has(ref)) || refOf("request", body.requestId) === request,
  };
}

type Seen = ShownUpdate & { readonly cursor: string };

interface Looking {
  readonly body: KeptBody;
  readonly asked: Asked;
  readonly place: Place | undefined;
  readonly atMost: number;
}

async function seenIn(ports: FindPorts, call: Call, { body, asked, place, atMost }: Looking): Promise<readonly Seen[]> {
  const reading = ports.read(body);
  if ("unreadable" in reading) return [];
  const wanted = reading.updates.filter(
    (update) => asked.matches(update, body) && (body.sequence !== place?.sequence || update.index > place.index),
  );
  const seen: Seen[] = [];
  for (const update of wanted) {
    if (seen.length === atMost) break;
    const owner = await ownerOf(ports, scope, update);
    if (owner === undefined || !maySee(call, owner)) continue;
    const cursor = cursorOf({ sequence: body.sequence, index: update.index });
    seen.push({ ...showUpdate(ports, call, { body, update, owner }), cursor });
  }
  return seen;
}

interface Place {
  readonly sequence: string;
  readonly index: number;
}

const cursorOf = ({ sequence, index }: Place): string => Buffer.from(`${sequence}|${index}`).toString("base64url");

const foreign = (): AppError => badInput("after", "is not a cursor of this list");

function placeOf(cursor: string): Place {
  const match = /^(evt_[0-9A-Z]{26})\|(-?\d{1,6})$/.exec(Buffer.from(cursor, "base64url").toString());
  const [, sequence, index] = match ?? [];
  if (sequence === undefined || index === undefined) throw foreign();
  return { sequence, index: Number(index) };
}

/** `looked` is where the looking ended before the page was full: the next page goes on behind it. */
function pageFrom(found: readonly Seen[], { first }: PageRequest, looked: string | undefined): Slice<ShownUpdate> {
  const shown = found.slice(0, first);
  const hasNextPage = found.length > first || looked !== undefined;
  const last = looked === undefined ? shown.at(-1)?.cursor : cursorOf({ sequence: looked, index: 999_999 });
  return {
    items: shown,
    cursors: shown.map(({ cursor }) => cursor),
    hasNextPage,
    ...(last !== undefined && { endCursor: last }),
  };
}
