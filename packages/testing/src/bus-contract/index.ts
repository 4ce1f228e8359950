import { type BusAdapter } from "../bus-bench.js";
import { consumingContract } from "./consuming.js";
import { failingContract } from "./failing.js";
import { killingContract } from "./killing.js";
import { lettersContract, versionsContract } from "./letters.js";
import { publishingContract } from "./publishing.js";
import { sharingContract } from "./sharing.js";

export { turnsContract } from "./turns.js";

/** What every adapter of the bus promises, asked of one. */
export function busContract(adapter: BusAdapter): void {
  publishingContract(adapter);
  consumingContract(adapter);
  failingContract(adapter);
  lettersContract(adapter);
  versionsContract(adapter);
  sharingContract(adapter);
  killingContract(adapter);
}
