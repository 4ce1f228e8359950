import { createRequire } from "node:module";

/** The part of the driver's connection that this module changes; not part of its published interface, so the version is pinned and a test holds it. */
export interface DriverConnection {
  readonly socket: { readonly destroy: () => void };
  readonly error?: Error;
  readonly once: (event: "close", heard: () => void) => void;
  readonly off: (event: "close", heard: () => void) => void;
}
interface Writes {
  writeCommand: (this: DriverConnection, ...args: unknown[]) => Promise<void>;
}

/** The driver's own connection, shared by every client of this process. */
export const driverConnections: Writes = (
  createRequire(__filename)("mongodb/lib/cmap/connection.js") as { readonly Connection: { readonly prototype: Writes } }
).Connection.prototype;

let mended = false;

/**
 * A command that is written to a socket which is gone already, but has not said so yet, waits in mongodb 7.8 for a `drain` that never comes: after a
 * restart of the store such an operation never ends, and when it is the monitor's, its client never finds the store again. With this, the end of a
 * connection ends what is being written to it. Safe to repeat. See docs/adr/0023.
 */
export function endUnsentCommands(): void {
  if (mended) return;
  mended = true;
  const write = driverConnections.writeCommand;
  driverConnections.writeCommand = async function (...args) {
    let ended: () => void = () => undefined;
    const end = new Promise<never>((_, reject) => {
      ended = () => {
        reject(this.error ?? new Error("the connection ended before the command was written"));
      };
      this.once("close", ended);
    });
    try {
      await Promise.race([write.apply(this, args), end]);
    } finally {
      this.off("close", ended);
    }
  };
}
