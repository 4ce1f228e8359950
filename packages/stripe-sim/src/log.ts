type Write = (fields: object, sentence: string) => void;

/** The part of a pino logger that is used here. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
