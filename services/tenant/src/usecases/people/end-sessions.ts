import { event, sessionEnded } from "@greentick/contracts";
import { type Call, type DomainEvent } from "@greentick/kernel";
import { end, isOpen, type Session, type SessionEnd } from "../../domain/session.js";
import { type SessionStore } from "../../ports/people.js";
import { isLost } from "./change-account.js";
import { everywhere } from "./rosters.js";

interface Ports {
  readonly sessions: SessionStore;
}

export interface Ending {
  readonly session: Session;
  readonly because: SessionEnd;
}

export const ended = ({ id, personId }: Session, because: SessionEnd): DomainEvent =>
  event(sessionEnded, { sessionId: id, personId, because });

/** Safe to repeat, and against a refresh at the same moment. One that is past its time stays as it is: that was its end. */
export async function endSession({ sessions }: Ports, call: Call, { session, because }: Ending): Promise<Session> {
  if (!isOpen(session, call.systemNow())) return session;
  try {
    return await sessions.save(call, end(session, because, call.systemNow()), [ended(session, because)]);
  } catch (error) {
    const now = isLost(error) ? await sessions.find(everywhere, session.id) : undefined;
    if (now === undefined) throw error;
    return endSession({ sessions }, call, { session: now, because });
  }
}

export interface WantedEnd {
  readonly personId: string;
  readonly because: SessionEnd;
  readonly tenantId?: string;
  readonly except?: string;
}

/** Ends what a person has open, in one tenant or everywhere. Returns how many. */
export async function endSessionsOf(ports: Ports, call: Call, wanted: WantedEnd): Promise<number> {
  const { personId, because, tenantId, except } = wanted;
  const open = (await ports.sessions.open(everywhere, personId, call.systemNow())).filter(
    (session) => (tenantId === undefined || session.tenantId === tenantId) && session.id !== except,
  );
  await endAll(ports, call, { open, because });
  return open.length;
}

/** How many sessions a person may have open, in all tenants together. */
const mostSessions = 50;

/** Makes room for a session that has just begun: those used longest ago end. */
export async function endLongUnused(ports: Ports, call: Call, { personId, id }: Session): Promise<void> {
  const others = (await ports.sessions.open(everywhere, personId, call.systemNow())).filter((one) => one.id !== id);
  await endAll(ports, call, { open: others.slice(mostSessions - 1), because: "too_many_sessions" });
}

const atOnce = 50;

async function endAll(
  ports: Ports,
  call: Call,
  { open, because }: { readonly open: readonly Session[]; readonly because: SessionEnd },
): Promise<void> {
  for (let from = 0; from < open.length; from += atOnce)
    await Promise.all(open.slice(from, from + atOnce).map((session) => endSession(ports, call, { session, because })));
}
