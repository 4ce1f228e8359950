import { type EndedReason } from "@greentick/contracts";
import { type AppError, unauthenticated } from "@greentick/kernel";

/** Only who holds a credential that was good once is told why it is not any more; all others get one fixed text. */
const sentences: Readonly<Record<EndedReason, string>> = {
  session_ended: "This sign-in was ended. Sign in again.",
  access_withdrawn: "Your access to this business was withdrawn. Ask an owner or platform admin for a role.",
  grant_ended: "The act-as grant behind this token has run out or was revoked. Ask for a new one with actFor.",
  tenant_closed: "This business is closed: only its owner can still read it, until its retention ends.",
  api_key_unknown:
    "There is no such API key. Compare it with what was shown when it was created; live and test keys differ.",
  api_key_expired:
    "This API key has expired, or was replaced and its overlap has passed. Use the new one, or rotate or create one.",
  api_key_revoked: "This API key was revoked. Create a new one.",
};

/** UNAUTHENTICATED with the reason. */
export const ended = (reason: EndedReason): AppError => unauthenticated(reason, sentences[reason]);

export const ipNotAllowed = (): AppError =>
  unauthenticated(
    "api_key_ip_not_allowed",
    "This API key may not be used from this address. Add the address to the key's allow-list, or use the key from where it is meant to be used.",
  );
