import { createHash } from "node:crypto";
import { apiKeyText, type RandomBytes, visiblePartOf } from "@greentick/kernel";
import { type KeyMint } from "../../ports/keys.js";

/** Texts of new API keys out of 256 random bits. */
export const keyMint = (randomBytes: RandomBytes): KeyMint => ({
  mint: (livemode) => {
    const text = apiKeyText(livemode, randomBytes(32));
    return { text, hash: createHash("sha256").update(text).digest("base64url"), visible: visiblePartOf(text) };
  },
});
