/** Why an update waits instead of travelling on; each names what releases it. */
export const quarantineReasons = {
  unreadable: "The body is signed but is not JSON. It is kept; nothing in it can be routed.",
  unknown_account:
    "No client of ours has this WhatsApp Business Account yet. It is released when the account is linked.",
  no_account: "The update names no account and is not about our own portfolio.",
  failed: "Our own code failed at reading it. It is kept; a replay hands it on once a release reads it.",
  damaged:
    "What is stored of it does not open any more, although the key is the right one. Its hash tells whether a copy is the same.",
  too_large: "The update is larger than an event may be. It is kept, and everything behind it goes on.",
} as const;
export type QuarantineReason = keyof typeof quarantineReasons;

/** An update that could not be routed, by reference to its body: what it says stays sealed there. */
export interface QuarantinedUpdate {
  /** `<body key>:<index>`. */
  readonly id: string;
  readonly bodyKey: string;
  /** Of the body: order of receipt. */
  readonly sequence: string;
  readonly index: number;
  readonly reason: QuarantineReason;
  readonly field: string;
  readonly wabaId?: string;
  readonly at: Date;
  readonly releasedAt?: Date;
}
