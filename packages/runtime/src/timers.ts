import { type Call, type Permission } from "@greentick/kernel";

/** A durable timer's kind and what happens when it is due. Handlers are safe to run twice. */
export interface TimerSpec {
  readonly kind: string;
  /** What the handler's call may do; default: nothing. */
  readonly permissions?: readonly Permission[];
  readonly fire: (call: Call, timer: DueTimer) => Promise<void>;
}

export interface DueTimer {
  readonly id: string;
  readonly kind: string;
  /** What the timer is about, e.g. the id of a case; unique per tenant and kind: setting it again moves it. */
  readonly about: string;
  /** Business time of the tenant. */
  readonly dueAt: Date;
}

/**
 * Durable timers in business time: deadlines, 30-day waits, the close calendar. One per (tenant of the call, kind, about), so the call that
 * moves or cancels a timer is in the tenant of the call that set it.
 */
export interface Timers {
  /** Sets or moves. A timer that is already due fires at the next look, which is soon. */
  readonly set: (
    call: Call,
    timer: { readonly kind: string; readonly about: string; readonly dueAt: Date },
  ) => Promise<void>;
  /** Nothing happens when there is none. */
  readonly cancel: (call: Call, timer: { readonly kind: string; readonly about: string }) => Promise<void>;
}
