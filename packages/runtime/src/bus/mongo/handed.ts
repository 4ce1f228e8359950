import { type BusRecord, endOf } from "./records.js";

/** Records that this process has just written, for a lane of its own that stands right before them: it need not read them back. */
export interface Handed {
  readonly offer: (record: BusRecord) => void;
  /** Those from `offset` on, oldest first, until they hold so many bytes; none where something else comes first. */
  readonly take: (offset: number, bytes: number) => readonly BusRecord[];
}

/** What a lane does not come to take soon lies in the store anyway. */
const mostBytes = 256_000;

export function handed(): Handed {
  let records: BusRecord[] = [];
  let bytes = 0;
  const clear = (): void => {
    records = [];
    bytes = 0;
  };
  return {
    offer: (record) => {
      const last = records.at(-1);
      if (last !== undefined && endOf(last) !== record.offset) clear();
      if (bytes + record.bytes > mostBytes) clear();
      records.push(record);
      bytes += record.bytes;
    },
    take: (offset, most) => {
      const from = records.findIndex((record) => record.offset === offset);
      const taken: BusRecord[] = [];
      let size = 0;
      for (const record of from < 0 ? [] : records.slice(from)) {
        if (size >= most) break;
        taken.push(record);
        size += record.bytes;
      }
      if (taken.length > 0 || (records[0]?.offset ?? offset) < offset) clear();
      return taken;
    },
  };
}
