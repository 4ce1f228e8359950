import { type Sealer } from "@greentick/runtime";
import { sign } from "jsonwebtoken";
import { type SigningKey } from "../../domain/signing-keys.js";
import { type Anchor, type Ending } from "../../domain/trail.js";
import { statementAudience, statementIssuer, statementType } from "../../trail/statement.js";
import { privateKeys } from "./token-forge.js";

/** Statements about audit trails, signed with the keys of access tokens under a type and an audience of their own, so that none passes for the other. */
export function statementSigner(sealer: Sealer): (key: SigningKey, statement: Anchor | Ending) => string {
  const privateKeyOf = privateKeys(sealer);
  return (key, statement) =>
    sign({ ...statement }, privateKeyOf(key.kid, key.sealedPrivateKey), {
      algorithm: "RS256",
      keyid: key.kid,
      issuer: statementIssuer,
      audience: statementAudience,
      noTimestamp: true,
      header: { alg: "RS256", typ: statementType },
    });
}
