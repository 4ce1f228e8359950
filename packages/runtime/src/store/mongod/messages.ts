/** What the process that wants a mongod tells its keeper. */
export interface ToKeeper {
  kind: "start";
  binary: string;
  args: string[];
}

/** What the keeper says: the process runs, or it could not be started at all. Its end is the keeper's own end. */
export type FromKeeper = { kind: "started"; pid: number } | { kind: "failed"; words: string };
