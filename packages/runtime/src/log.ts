import { type Log, type LogLine } from "@greentick/kernel";
import pino, { type DestinationStream, type Logger } from "pino";
import { redacted } from "./redact.js";

const lineOf =
  (logger: Logger, level: "debug" | "info" | "warn" | "error"): LogLine =>
  (fields, sentence) => {
    if (logger.isLevelEnabled(level)) logger[level](redacted(fields), sentence);
  };

const wrap = (logger: Logger): Log => ({
  debug: lineOf(logger, "debug"),
  info: lineOf(logger, "info"),
  warn: lineOf(logger, "warn"),
  error: lineOf(logger, "error"),
  child: (fields) => wrap(logger.child(redacted(fields))),
});

const asItIs = (value: unknown): unknown => value;

/** JSON lines through pino: facts first, one fixed sentence. Secrets are taken out by the names of their fields, at any depth. */
export function createLog(options: {
  readonly level: string;
  readonly name: string;
  readonly to?: DestinationStream;
}): Log {
  const settings = { level: options.level, name: options.name, serializers: { err: asItIs } };
  return wrap(options.to === undefined ? pino(settings) : pino(settings, options.to));
}

const nothing = (): void => undefined;
/** A log that keeps nothing, for tests and tools. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog };
