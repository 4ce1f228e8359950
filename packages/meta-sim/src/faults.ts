import { type FaultRow, type RequestRow, reserve } from "./store.js";
import { type World } from "./world.js";

/** The fault to apply to this call, if one is set for its route; every application uses one up. */
export async function faultFor(world: World, route: string): Promise<FaultRow | undefined> {
  const found = await world.store.faults.findOneAndUpdate(
    { route: { $in: [route, "*"] }, remaining: { $gt: 0 } },
    { $inc: { remaining: -1 } },
    { sort: { _id: 1 } },
  );
  return found ?? undefined;
}

export interface NewFault {
  /** `POST /{waba}/phone_numbers`, or `*`. */
  readonly route: string;
  readonly action: FaultRow["action"];
  /** How many calls it hits; one unless told. */
  readonly remaining?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly code?: number | undefined;
  readonly message?: string | undefined;
  readonly isTransient?: boolean | undefined;
}

/** Sets a fault. Without more words: one transient error, code 2, HTTP 500. */
export async function setFault(world: World, fault: NewFault): Promise<FaultRow> {
  const _id = `fault:${String(await reserve(world.store, "fault")).padStart(9, "0")}`;
  const row: FaultRow = {
    _id,
    route: fault.route,
    action: fault.action,
    remaining: fault.remaining ?? 1,
    httpStatus: fault.httpStatus ?? 500,
    code: fault.code ?? 2,
    message: fault.message ?? "An unexpected error has occurred. Please retry your request later.",
    isTransient: fault.isTransient ?? true,
  };
  await world.store.faults.insertOne(row);
  return row;
}

/** Keeps what was asked, without parameters: they may hold secrets. */
export async function logRequest(world: World, request: Omit<RequestRow, "at">): Promise<void> {
  await world.store.requests.insertOne({ at: world.clock.now(), ...request });
}
