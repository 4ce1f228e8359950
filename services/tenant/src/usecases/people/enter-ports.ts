import { type InvitationStore, type IsCommonPassword } from "../../ports/people.js";
import { type Prove, type ProvePorts } from "./prove.js";
import { type SessionPorts } from "./sessions.js";

/** All that the ways in use. */
export interface EnterPorts extends ProvePorts, SessionPorts {
  readonly invitations: InvitationStore;
  readonly isCommon: IsCommonPassword;
  readonly prove: Prove;
}
