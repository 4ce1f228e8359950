import { type PhoneNode, type WabaNode } from "../store.js";

/** A number that sends, and its account. */
export interface Sender {
  readonly waba: WabaNode;
  readonly phone: PhoneNode;
}
export type StatusWord = "sent" | "delivered" | "read" | "failed";

export interface PlannedMessage {
  readonly place: number;
  readonly sender: Sender;
  /** Absent for a user without a visible number. */
  readonly digits?: string;
  readonly iso2: string;
  readonly userId: string;
  readonly name: string;
  readonly category: string;
  /** When Meta delivered it; absent when it did not. */
  readonly deliveredAt?: Date;
  readonly wamid: string;
  /** Set when all deliveries of the plan are priced. */
  type?: string;
}

export interface PlannedUpdate {
  readonly message: PlannedMessage;
  readonly status: StatusWord;
  /** Milliseconds; written in seconds. */
  readonly at: number;
  readonly priced: boolean;
}

/** One webhook body to be. */
export interface PlannedBody {
  /** When Meta posts it, in milliseconds. */
  readonly postAt: number;
  readonly updates: readonly PlannedUpdate[];
  /** `again`: the bytes of an earlier body once more. `reworded`: an earlier status in another body. */
  readonly repeats?: "again" | "reworded";
}

export interface PlanInput {
  readonly seed: number;
  readonly bodies: number;
  readonly from: Date;
  readonly to: Date;
  readonly senders: readonly Sender[];
  readonly withheld: number;
  readonly countryWeights?: Readonly<Record<string, number>> | undefined;
}

export interface Plan {
  readonly messages: readonly PlannedMessage[];
  /** In the order of posting. */
  readonly bodies: readonly PlannedBody[];
  /** Delivered, but their only webhook is never posted. */
  readonly withheld: readonly PlannedMessage[];
  readonly late: number;
  readonly reordered: number;
}
