import { AsyncLocalStorage } from "node:async_hooks";
import { type IncomingMessage, Server } from "node:http";
import { type CommandStartedEvent, type MongoClient } from "mongodb";
import { type Command } from "./subject.js";

/** The header by which a request's own commands are told from those of everybody else. */
export const attemptHeader = "x-isolation-attempt";

const generated = /\b(?:evt|req|aud|tim)_[0-9A-Za-z-]+/g;

/** Ids that somebody has asked for stay as they are; those made for this request are all alike. */
const plainText = (text: string): string => text.replace(generated, "<new>");

function plain(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (typeof value === "bigint") return `${String(value)}n`;
  if (value instanceof Date) return "<time>";
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value.constructor !== Object) return `<${value.constructor.name}>`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Keys and operators, and of values only what sort they are. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value instanceof Date || typeof value !== "object" || value === null)
    return value === null ? "null" : typeof value;
  if (value.constructor !== Object) return value.constructor.name;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, shape(inner)]),
  );
}

const reading: Readonly<Record<string, readonly string[]>> = {
  find: ["filter", "sort", "limit"],
  aggregate: ["pipeline"],
  count: ["query"],
  distinct: ["key", "query"],
};
const writing: Readonly<Record<string, string>> = {
  insert: "documents",
  update: "updates",
  delete: "deletes",
  findAndModify: "update",
};

type Sent = Readonly<Record<string, unknown>>;

function commandOf({ commandName, command }: CommandStartedEvent): Command {
  const sent = command as Sent;
  const collection = typeof sent[commandName] === "string" ? sent[commandName] : "";
  return {
    name: commandName,
    collection: `${String(sent["$db"])}.${collection}`,
    /** Made when somebody compares: most answers nobody does. */
    get shape() {
      const shown = reading[commandName]?.map((name) => shape(sent[name]));
      const written = writing[commandName];
      return JSON.stringify(shown ?? (written === undefined ? [] : [plain(sent[written])]));
    },
    sent,
  };
}

const housekeeping = new Set([
  "hello",
  "ping",
  "endSessions",
  "getMore",
  "killCursors",
  "buildInfo",
  "saslStart",
  "saslContinue",
]);

/** Listens to what requests make a driver send. */
export interface Watch {
  readonly listen: (client: MongoClient) => void;
  /** The commands that were sent on behalf of an attempt. */
  readonly of: (attempt: string) => readonly Command[];
  /** Work done under an attempt's name without a request. */
  readonly during: <T>(attempt: string, work: () => Promise<T>) => Promise<T>;
  readonly forget: (attempt: string) => void;
  readonly close: () => void;
}

/**
 * Each request that carries the header runs under its name, and with it everything it starts, so that consumers and jobs of the same process, which
 * work beside it, are not taken for it.
 */
export function watchCommands(): Watch {
  const under = new AsyncLocalStorage<string>();
  const kept = new Map<string, Command[]>();
  const emit = Reflect.get(Server.prototype, "emit") as (...args: unknown[]) => boolean;
  Server.prototype.emit = function named(this: Server, ...args: unknown[]): boolean {
    const name = args[0] === "request" ? (args[1] as IncomingMessage).headers[attemptHeader] : undefined;
    return typeof name === "string" ? under.run(name, () => emit.apply(this, args)) : emit.apply(this, args);
  };
  return {
    listen: (client) => {
      client.on("commandStarted", (event) => {
        const attempt = under.getStore();
        if (attempt === undefined || housekeeping.has(event.commandName)) return;
        const commands = kept.get(attempt) ?? [];
        commands.push(commandOf(event));
        kept.set(attempt, commands);
      });
    },
    of: (attempt) => kept.get(attempt) ?? [],
    during: (attempt, work) => under.run(attempt, work),
    forget: (attempt) => kept.delete(attempt),
    close: () => {
      Server.prototype.emit = emit as typeof Server.prototype.emit;
    },
  };
}
