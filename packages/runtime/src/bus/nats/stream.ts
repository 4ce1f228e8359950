import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { type Appending } from "../appending.js";
import { type StreamState } from "./losses.js";
import { type Positions } from "./positions.js";

/** The servers' own memory of message ids; ours is the check of the last records. */
const duplicateWindowNs = 120_000_000_000;

/** Makes the stream if there is none. */
export async function streamState(jsm: JetStreamManager, name: string): Promise<Omit<StreamState, "short">> {
  const found = await jsm.streams.info(name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  const { created, state }: StreamInfo = found ?? (await addStream(jsm, name));
  return {
    created,
    lastSeq: state.last_seq,
    lastTime: state.last_ts,
    timeAt: async (seq) => (await jsm.direct.getMessage(name, { seq }))?.timestamp,
  };
}

const addStream = (jsm: JetStreamManager, name: string): Promise<StreamInfo> =>
  jsm.streams.add({ name, subjects: [`${name}.>`], allow_direct: true, duplicate_window: duplicateWindowNs });

export interface Witnesses {
  readonly jsm: JetStreamManager;
  readonly stream: string;
  readonly positions: Positions;
  readonly writers: Appending;
  /** Number of the newest loss, and whether this process has only now learnt of it: then its writers still miss what is known to be lost. */
  readonly number: number;
  readonly learnt: boolean;
}

/** Whether the stream ends before what a consumer was given of it, or lacks what it acknowledged to this process. */
export async function shortness(witnesses: Witnesses): Promise<Pick<StreamState, "short">> {
  const { jsm, stream, positions, writers, number, learnt } = witnesses;
  const since = learnt ? undefined : await writers.shortSince();
  if (since !== undefined) return { short: { since } };
  const current = (await positions.all()).filter(({ place }) => place.losses === number);
  const given = Math.max(0, ...current.map((position) => position.given));
  return given > (await jsm.streams.info(stream)).state.last_seq ? { short: {} } : {};
}
