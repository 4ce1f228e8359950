import { Secret, TOTP } from "otpauth";
import { type Totp } from "../../ports/people.js";

const shape = { issuer: "Greentick", algorithm: "SHA1", digits: 6, period: 30 } as const;

/** One step of thirty seconds to both sides, for clocks that differ (RFC 6238 §5.2). */
const slackSteps = 1;

const generatorOf = (secret: string, label = ""): TOTP =>
  new TOTP({ ...shape, label, secret: Secret.fromBase32(secret) });

/** Codes of an authenticator app, through otpauth; SHA-1 and six digits, since many apps know nothing else. */
export const totp: Totp = {
  newSecret: () => new Secret({ size: 20 }).base32,
  uriOf: (secret, email) => generatorOf(secret, email).toString(),
  stepOf: (secret, code, now) => {
    const token = code.replaceAll(/\s/g, "");
    if (!/^\d{6}$/.test(token)) return undefined;
    const timestamp = now.getTime();
    const delta = generatorOf(secret).validate({ token, timestamp, window: slackSteps });
    return delta === null ? undefined : Math.floor(timestamp / (shape.period * 1000)) + delta;
  },
};
