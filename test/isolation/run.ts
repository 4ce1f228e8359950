import { attemptSessions } from "./attempt-sessions.js";
import { attemptTokens } from "./attempt-tokens.js";
import { attack, type Outcome, type Tell } from "./suite.js";
import { openPlatform, type PlatformOptions } from "./platform/platform.js";

/** Starts the platform, attacks everything and closes it again. */
export async function runSuite(options: PlatformOptions, tell?: Tell): Promise<Outcome> {
  const platform = await openPlatform(options);
  try {
    const outcome = await attack(platform, tell);
    const tokens = await attemptTokens({ ...options, ...platform });
    const sessions = await attemptSessions(platform);
    const differences = [...outcome.differences, ...tokens.differences, ...sessions.differences];
    return { ...outcome, differences, attempts: outcome.attempts + tokens.attempts + sessions.attempts };
  } finally {
    await platform.close();
  }
}
