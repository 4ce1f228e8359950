/** The three calls of the embedded engine that we use. Everything else it offers stays untouched. */
export interface EmbeddedEngine {
  /** Runs one wire message. `response` is the bare BSON reply: framing it is ours. */
  roundTrip: (message: Buffer) => Promise<EngineReply>;
  close: () => Promise<void>;
}

export interface EngineReply {
  requestId: number;
  /** The client asked for no reply. */
  moreToCome: boolean;
  legacy: boolean;
  response: Buffer;
}
