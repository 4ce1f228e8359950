import { type Store } from "./store/store.js";
import { type Unit } from "./store/unit.js";

/** What billing works on: the kept state, one unit of change, and the settings of this simulator. */
export interface World {
  readonly unit: Unit;
  readonly store: Store;
  /** Where the simulator can be reached; links on invoices point there. */
  readonly url: string;
  /** Time between the end of a period and the automatic finalization of its draft, in seconds. */
  readonly graceSeconds: number;
}
