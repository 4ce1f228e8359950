import { type Outside, vaultDuties } from "@greentick/runtime";
import { type Room } from "./room.js";

/** The keys under which this service seals what belongs to a tenant: destroyed with the tenant, wrapped anew under a new master key. */
export const vault = (outside: Outside): Room => ({ ...vaultDuties("tenant", outside), stores: [] });
